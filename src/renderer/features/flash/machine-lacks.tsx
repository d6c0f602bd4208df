import { plural, t } from '@lingui/core/macro'
import { useLive } from '../../app/use-live.ts'
import styles from './flash.module.css'

/** What of this machine is missing or half there, each with its remedy: what otabench doctor says. */
export function MachineLacks() {
  const findings = useLive('doctor.list', (engine, signal) => engine.doctor.list(undefined, { signal })).value ?? []
  const lacking = findings.filter(({ state }) => state !== 'good')
  if (lacking.length === 0) return null
  return (
    <details className={styles.refused}>
      <summary>{plural(lacking.length, { one: '# hint about this machine', other: '# hints about this machine' })}</summary>
      <dl className={styles.lacks}>
        {lacking.map(({ id, title, state, text, remedy }) => (
          <div key={id}>
            <dt>
              {title} <span className="dim">{state === 'lacks' ? t`does not work` : t`works with less comfort`}</span>
            </dt>
            <dd>
              {text} {remedy !== '' && <span className={styles.remedy}>{remedy}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
