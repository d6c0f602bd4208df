import { t } from '@lingui/core/macro'
import type { DeviceDeployment } from '@contract/deployments.ts'
import { ActionIcon, Button } from '@mantine/core'
import { ChevronDown, ChevronRight, LayoutGrid, ScrollText } from 'lucide-react'
import { memo, useState } from 'react'
import { DeviceLog } from '../../app/device-log.tsx'
import { PollNow } from '../../app/poll-now.tsx'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { ByteBar } from '../../ui/byte-bar.tsx'
import { Chip } from '../../ui/chip.tsx'
import { DEPLOYMENT_STATUSES } from '../../ui/deployment-states.ts'
import { span } from '../../ui/format.ts'
import { Refusal } from '../../ui/refusal.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { useNow } from '../../ui/use-now.ts'
import styles from './deployments.module.css'
import { DeviceDownload } from './download-plots.tsx'

interface DeviceOutcomeProps {
  deploymentId: string
  device: DeviceDeployment
  /** Among how many it stands where, from 1: only those in sight are drawn. */
  place: number
  count: number
  isOpen: boolean
  onToggle: (deviceId: string) => void
}

/** What became of one device; opens to its timeline and its log. */
export const DeviceOutcome = memo(function DeviceOutcome({ deploymentId, device, place, count, isOpen, onToggle }: DeviceOutcomeProps) {
  const toggle = (): void => onToggle(device.deviceId)
  const look = DEPLOYMENT_STATUSES[device.status]
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <article
      className={styles.device}
      aria-label={`${device.deviceName}, ${look.word.toLowerCase()}`}
      aria-posinset={place}
      aria-setsize={count}
    >
      <div className={styles.deviceLine}>
        <ActionIcon aria-expanded={isOpen} aria-label={t`Timeline of ${device.deviceName}`} onClick={toggle}>
          <Chevron size={15} />
        </ActionIcon>
        <button type="button" className={styles.deviceName} onClick={toggle} tabIndex={-1}>
          {device.deviceName}
        </button>
        {device.isVirtual && <Chip>{t`virtual`}</Chip>}
        <span className={styles.status}>
          <StateWord {...look} />
        </span>
        <Took device={device} />
        <ShowOnBench id={device.deviceId} name={device.deviceName} />
      </div>
      {device.status === 'downloading' && device.progress !== null && (
        <div className={styles.indent}>
          <ByteBar {...device.progress} label={t`Download to ${device.deviceName}`} />
        </div>
      )}
      {isOpen ? <OutcomeDetail deploymentId={deploymentId} device={device} /> : <Explanation device={device} />}
    </article>
  )
})

function Explanation({ device: { deviceId, status, explanation } }: Pick<DeviceOutcomeProps, 'device'>) {
  if (explanation === '') return null
  return (
    <p className={styles.explanation}>
      {explanation} {status === 'pending' && <PollNow deviceId={deviceId} />}
    </p>
  )
}

const ShowOnBench = memo(function ShowOnBench({ id, name }: { id: string; name: string }) {
  const inspect = useWindow((state) => state.inspect)
  return (
    <ActionIcon aria-label={t`Show ${name} on the bench`} onClick={() => inspect(id)}>
      <LayoutGrid size={14} />
    </ActionIcon>
  )
})

function Took({ device }: { device: DeviceDeployment }) {
  const now = useNow()
  if (device.startedAt === null) return <span className={styles.took}>{t`not started`}</span>
  return <span className={styles.took}>{span((device.finishedAt ?? now) - device.startedAt)}</span>
}

function OutcomeDetail({ deploymentId, device }: Pick<DeviceOutcomeProps, 'deploymentId' | 'device'>) {
  const id = device.deviceId
  const [isLogShown, setLogShown] = useState(false)
  const timeline = useLive(`devices.timeline ${id} ${deploymentId}`, (engine, signal) =>
    engine.devices.timeline({ id, deploymentId }, { signal }),
  )
  const isInTimeline = timeline.value?.cause?.summary === device.explanation
  return (
    <>
      {!isInTimeline && <Explanation device={device} />}
      <div className={styles.detail}>
        <DeviceDownload id={deploymentId} deviceId={id} />
        {timeline.value !== null && <Timeline {...timeline.value} />}
        {timeline.failure !== null && <Refusal failure={timeline.failure} className={styles.explanation} />}
        {device.hasLog && (
          <Button
            m={10}
            style={{ alignSelf: 'flex-start' }}
            variant="default"
            leftSection={<ScrollText size={13} />}
            onClick={() => setLogShown(!isLogShown)}
          >
            {isLogShown ? t`Hide the device log` : t`Device log`}
          </Button>
        )}
        {isLogShown && (
          <div className={styles.log}>
            <DeviceLog deploymentId={deploymentId} deviceId={id} />
          </div>
        )}
      </div>
    </>
  )
}
