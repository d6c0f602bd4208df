import type { Device } from '@contract/devices.ts'
import { Button, Group } from '@mantine/core'
import { CircleHelp, Rocket } from 'lucide-react'
import { useWindow } from '../../app/window-state.ts'
import { CARD_STATES, isBusy } from '../../ui/card-states.ts'
import { Facts, Label } from '../../ui/chip.tsx'
import { DEPLOYMENT_STATUSES } from '../../ui/deployment-states.ts'
import { moment } from '../../ui/format.ts'
import { Slots } from '../../ui/slots.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { useNow } from '../../ui/use-now.ts'
import { canExplain, evidenceLine } from './device-words.ts'

export function OverviewTab({ device }: { device: Device }) {
  const now = useNow()
  const { deployment, boot } = device
  return (
    <>
      <Label>Slots</Label>
      {device.slots === null ? (
        <p className="dim">Nothing has observed them: the server alone cannot know.</p>
      ) : (
        <Slots slots={device.slots} />
      )}
      {boot !== null && (
        <>
          <Label>Bootloader environment</Label>
          <Facts
            rows={[
              ['bootcount', `${boot.bootCount} of ${boot.bootLimit}`],
              ['upgrade_available', boot.isUpgradeAvailable ? '1' : '0'],
              ['boot slot', boot.bootSlot],
            ]}
          />
        </>
      )}
      {deployment !== null && (
        <>
          <Label>Claimed and observed</Label>
          <Facts
            rows={[
              ['server says', <StateWord key="status" {...DEPLOYMENT_STATUSES[deployment.status]} />],
              ['artifact', deployment.artifactName],
              ['device', `${CARD_STATES[device.card.state].word.toLowerCase()}, ${device.card.detail}`],
              ['evidence', evidenceLine(device)],
            ]}
          />
        </>
      )}
      <Label>Device</Label>
      <Facts
        rows={[
          ['runs', device.artifactName ?? 'not said yet'],
          ['device type', device.deviceType ?? 'not said yet'],
          ['group', device.group ?? 'none'],
          ['on the bench since', moment(device.createdAt, now)],
        ]}
      />
      <Actions device={device} />
    </>
  )
}

function Actions({ device }: { device: Device }) {
  const { askDeploy, explain } = useWindow()
  const { deployment } = device
  return (
    <Group mt="lg" gap="xs">
      <Button
        variant="default"
        leftSection={<Rocket size={13} />}
        disabled={device.status !== 'accepted' || isBusy(device.card.state)}
        onClick={() => askDeploy({ deviceIds: [device.id], artifactId: null })}
      >
        Deploy…
      </Button>
      {deployment !== null && canExplain(device) && (
        <Button variant="default" leftSection={<CircleHelp size={14} />} onClick={() => explain(device.id, deployment.id)}>
          Why?
        </Button>
      )}
    </Group>
  )
}
