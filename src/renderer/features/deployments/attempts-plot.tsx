import { number } from '../../ui/format.ts'
import { plural, t } from '@lingui/core/macro'
import type { AttemptFigures } from '@contract/figures.ts'
import { useLive } from '../../app/use-live.ts'
import { Plot } from '../../ui/plot/plot.tsx'
import { Bars, Legend } from '../../ui/plot/series.tsx'
import { niceCount } from '../../ui/plot/shapes.ts'
import styles from './figures.module.css'
import { Refusal } from '../../ui/refusal.tsx'

type Attempt = AttemptFigures['attempts'][number]

const LOOKS = [
  { look: 'ok', name: t`succeeded`, counter: 'succeededCount' },
  { look: 'late', name: t`failed`, counter: 'failedCount' },
  { look: 'plain', name: t`at work`, counter: 'activeCount' },
] as const

/** Of a deployment that lets devices try again: at which try they succeeded, and why the others failed. */
export function AttemptsPlot({ id }: { id: string }) {
  const { value, failure } = useLive(`deployments.attempts ${id}`, (engine, signal) => engine.deployments.attempts({ id }, { signal }))
  if (failure !== null) return <Refusal failure={failure} className="dim" />
  if (value === null || (value.allowedCount === 1 && value.attempts.length < 2)) return null
  const { allowedCount, attempts } = value
  return (
    <section className={styles.figure} aria-label={t`Success by try`}>
      <h3 className={styles.title}>{t`Success by try`}</h3>
      {attempts.length === 0 ? (
        <p className="dim">{t`No device has begun. Each may try ${allowedCount} times.`}</p>
      ) : (
        <>
          <Tries attempts={attempts} />
          <Reasons attempts={attempts} />
        </>
      )}
    </section>
  )
}

function Tries({ attempts }: { attempts: readonly Attempt[] }) {
  const top = niceCount(
    Math.max(...attempts.map(({ succeededCount, failedCount, activeCount }) => succeededCount + failedCount + activeCount)),
  )
  const succeeded = attempts.reduce((sum, { succeededCount }) => sum + succeededCount, 0)
  const words = (each: Attempt): string =>
    t`Try ${each.attempt}: ${
      LOOKS.filter(({ counter }) => each[counter] > 0)
        .map(({ counter, name }) => `${number(each[counter])} ${name}`)
        .join(', ') || t`none`
    }`
  return (
    <>
      <Plot
        label={t`Devices by try`}
        summary={t`${plural(succeeded, { one: '# device', other: '# devices' })} succeeded`}
        count={attempts.length}
        textAt={(step) => (attempts[step] ? words(attempts[step]) : '')}
        scale={[number(top), number(top / 2), '0']}
        along={attempts.length > 12 ? [t`try 1`, t`try ${attempts.length}`] : attempts.map(({ attempt }) => t`try ${attempt}`)}
        isAlongEach={attempts.length <= 12}
        height={88}
        table={{
          titles: [t`Try`, ...LOOKS.map(({ name }) => name)],
          rows: () => attempts.map((each) => [String(each.attempt), ...LOOKS.map(({ counter }) => number(each[counter]))]),
        }}
      >
        {(size) => (
          <Bars
            widest={72}
            layers={LOOKS.map(({ look, counter }) => ({ look, values: attempts.map((each) => each[counter]) }))}
            top={top}
            size={size}
          />
        )}
      </Plot>
      <Legend items={LOOKS.filter(({ counter }) => attempts.some((each) => each[counter] > 0))} />
    </>
  )
}

function Reasons({ attempts }: { attempts: readonly Attempt[] }) {
  const reasons = attempts.flatMap(({ attempt, reasons: each }) => each.map((reason) => ({ attempt, ...reason })))
  if (reasons.length === 0) return null
  return (
    <ul className={styles.reasons} aria-label={t`Why devices failed`}>
      {reasons.map(({ attempt, why, deviceCount }) => (
        <li key={`${attempt} ${why}`}>
          <span className={styles.count}>{t`Try ${attempt}: ${number(deviceCount)} ×`}</span>
          <span>{why === '' ? t`The reason was not kept.` : why}</span>
        </li>
      ))}
    </ul>
  )
}
