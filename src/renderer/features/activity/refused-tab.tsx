import { t } from '@lingui/core/macro'
import { Plural, Trans } from '@lingui/react/macro'
import type { Refusal } from '@contract/devices.ts'
import { ShieldCheck } from 'lucide-react'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { Empty } from '../../ui/empty.tsx'
import { short } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import styles from './activity.module.css'

/** Who was answered with 401, why, and what to do about it: also devices that nobody knows. */
export function RefusedTab() {
  const refusals = useLive('devices.refusals', (engine, signal) => engine.devices.refusals(undefined, { signal })).value
  if (refusals === null) return null
  if (refusals.length === 0)
    return (
      <Empty
        icon={ShieldCheck}
        title={t`Nobody was refused`}
        text={t`A device that is answered with 401 is told of here: why, and what to do about it.`}
      />
    )
  return (
    <ul className={styles.refusals} aria-label={t`Refused devices`}>
      {refusals.map((refusal) => (
        <RefusalRow key={`${refusal.name} ${refusal.keyFingerprint}`} refusal={refusal} />
      ))}
    </ul>
  )
}

function RefusalRow({ refusal }: { refusal: Refusal }) {
  const { inspect } = useWindow()
  const { deviceId, name, keyFingerprint, address, reason, remedy, lastAt, times } = refusal
  return (
    <li>
      <div className={styles.refusalHead}>
        {deviceId === null ? (
          <strong>{name}</strong>
        ) : (
          <button type="button" className={styles.link} onClick={() => inspect(deviceId)}>
            {name}
          </button>
        )}
        <span className="dim">
          <Trans>
            <Plural value={times} one="# time" other="# times" />, last <Moment at={lastAt} />, from {address}
          </Trans>
          {keyFingerprint !== '' && (
            <>
              {t`, key`} <span className="mono">{short(keyFingerprint)}</span>
            </>
          )}
        </span>
      </div>
      <p>
        {reason}. {remedy}
      </p>
    </li>
  )
}
