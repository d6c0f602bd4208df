import type { Device } from '@contract/devices.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import { isBusy } from '../../ui/card-states.ts'
import { span } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'
import styles from './device-card.module.css'

/** What the board is doing: real bytes while it downloads, a bar while it works, else when it will ask next. */
export function CardActivity({ device }: { device: Device }) {
  const { state } = device.card
  const progress = device.deployment?.progress ?? null
  if (state === 'downloading' && progress !== null) return <ByteBar {...progress} label={`Download to ${device.name}`} />
  if (isBusy(state)) return <WaitBar label={`Update of ${device.name}`} />
  return <NextPoll device={device} />
}

function NextPoll({ device }: { device: Device }) {
  const now = useNow()
  const { lastSeenAt, nextPollAt } = device
  if (lastSeenAt === null) return <p className={styles.poll}>never seen</p>
  const isLate = nextPollAt !== null && nextPollAt < now - 1000
  return (
    <p className={styles.poll}>
      <span>seen {span(now - lastSeenAt)} ago</span>
      {nextPollAt !== null && <span>{isLate ? `poll due since ${span(now - nextPollAt)}` : `polls in ${span(nextPollAt - now)}`}</span>}
    </p>
  )
}
