import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { Button } from '@mantine/core'
import { ScrollText } from 'lucide-react'
import { useState } from 'react'
import { useWindow } from '../../app/window-state.ts'
import { DeviceLog } from '../../app/device-log.tsx'
import { useLive } from '../../app/use-live.ts'
import { Refusal } from '../../ui/refusal.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import styles from './device-inspector.module.css'

interface DeviceTimelineProps {
  device: Device
  /** Narrows it to one deployment, with its cause. */
  deploymentId: string | null
}

/** The device's timeline, at the line that explains the outcome; below it the log that the device sent. */
export function DeviceTimeline({ device, deploymentId }: DeviceTimelineProps) {
  const { inspect } = useWindow()
  const [isLogShown, setLogShown] = useState(false)
  const input = deploymentId === null ? { id: device.id } : { id: device.id, deploymentId }
  const timeline = useLive(`devices.timeline ${device.id} ${deploymentId}`, (engine, signal) => engine.devices.timeline(input, { signal }))
  const logOf = deploymentId ?? (device.deployment?.status === 'failure' ? device.deployment.id : null)
  return (
    <>
      {timeline.value !== null && <Timeline {...timeline.value} />}
      {timeline.failure !== null && <Refusal failure={timeline.failure} className={styles.scroll} />}
      {isLogShown && logOf !== null && (
        <div className={styles.log}>
          <DeviceLog deploymentId={logOf} deviceId={device.id} />
        </div>
      )}
      <div className={styles.foot}>
        {logOf !== null && (
          <Button variant="default" leftSection={<ScrollText size={13} />} onClick={() => setLogShown(!isLogShown)}>
            {isLogShown ? t`Hide the device log` : t`Device log`}
          </Button>
        )}
        {deploymentId !== null && (
          <Button variant="subtle" color="gray" onClick={() => inspect(device.id, 'timeline')}>
            {t`Whole timeline`}
          </Button>
        )}
      </div>
    </>
  )
}
