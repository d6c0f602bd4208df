import { t } from '@lingui/core/macro'
import { CircleCheck, CircleSlash } from 'lucide-react'
import { useLive } from '../../app/use-live.ts'
import { Label } from '../../ui/chip.tsx'
import styles from './artifacts.module.css'
import { verdictsOf } from './verdicts.ts'

/** For each device of the bench whether it would take the artifact, and why not. */
export function CompatibilityList({ artifactId }: { artifactId: string }) {
  const { value } = useLive(`artifacts.compatibility ${artifactId}`, (engine, signal) =>
    engine.artifacts.compatibility({ id: artifactId }, { signal }),
  )
  if (value === null || value.length === 0) return null
  return (
    <>
      <Label>{t`Compatibility`}</Label>
      <ul className={styles.compatibility} aria-label={t`Compatibility`}>
        {verdictsOf(value).map(({ deviceNames, willInstall, why }) => (
          <li key={`${willInstall} ${why}`} data-will={willInstall}>
            {willInstall ? <CircleCheck size={13} aria-hidden /> : <CircleSlash size={13} aria-hidden />}
            <span>
              {willInstall ? t`Installs on ${deviceNames.join(', ')}` : t`Refused by ${deviceNames.join(', ')}`}
              {why !== '' && <span className={styles.why}>{why}</span>}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
