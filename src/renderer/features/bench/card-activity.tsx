import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import { isBusy } from '../../ui/card-states.ts'
import { span } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'
import { BoardLine } from './board-line.tsx'
import styles from './device-card.module.css'

/** What the board is doing: real bytes while it downloads, a bar while it works, else when it will ask next. */
export function CardActivity({ device }: { device: Device }) {
  const { state } = device.card
  const progress = device.deployment?.progress ?? null
  if (state === 'downloading' && progress !== null) return <ByteBar {...progress} label={t`Download to ${device.name}`} />
  if (isBusy(state)) return <WaitBar label={t`Update of ${device.name}`} />
  if (device.board !== null) return <BoardLine name={device.board} />
  return <NextPoll device={device} />
}

/** When it was last heard, and how long until it asks again; short: the latter alone. */
export function NextPoll({ device, isShort = false }: { device: Device; isShort?: boolean }) {
  const now = useNow()
  const { lastSeenAt, nextPollAt } = device
  if (lastSeenAt === null) return isShort ? <span className="dim">{t`never seen`}</span> : <p className={styles.poll}>{t`never seen`}</p>
  const isLate = nextPollAt !== null && nextPollAt < now - 1000
  if (isShort) {
    if (nextPollAt === null) return <span className="dim">{t`not known yet`}</span>
    return <span className="figures">{isLate ? t`late ${span(now - nextPollAt)}` : t`in ${span(nextPollAt - now)}`}</span>
  }
  return (
    <p className={styles.poll}>
      <span>{t`seen ${span(now - lastSeenAt)} ago`}</span>
      {nextPollAt !== null && <span>{isLate ? t`poll due since ${span(now - nextPollAt)}` : t`polls in ${span(nextPollAt - now)}`}</span>}
    </p>
  )
}
