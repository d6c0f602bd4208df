import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { BootEnvironment, Device } from '@contract/devices.ts'
import { Alert, Button, Group } from '@mantine/core'
import { CircleHelp, KeyRound, Rocket } from 'lucide-react'
import { PollNow } from '../../app/poll-now.tsx'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { CARD_STATES, isBusy } from '../../ui/card-states.ts'
import { Facts, Label } from '../../ui/chip.tsx'
import { DEPLOYMENT_STATUSES } from '../../ui/deployment-states.ts'
import { clock } from '../../ui/format.ts'
import { Slots } from '../../ui/slots.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { Moment } from '../../ui/moment.tsx'
import { BoardFacts } from './board-facts.tsx'
import styles from './device-inspector.module.css'
import { connectionWords } from './connection-words.ts'
import { DevicePollPlots } from './poll-plots.tsx'
import { canExplain, evidenceLine } from './device-words.ts'

export function OverviewTab({ device }: { device: Device }) {
  const { deployment, boot } = device
  return (
    <>
      <NewKey device={device} />
      <Label>{t`Slots`}</Label>
      {device.slots === null ? (
        <p className="dim">{t`Nothing has observed them: the server alone cannot know.`}</p>
      ) : (
        <Slots slots={device.slots} />
      )}
      {boot !== null && <BootFacts boot={boot} />}
      {deployment !== null && (
        <>
          <Label>{t`Claimed and observed`}</Label>
          <Facts
            rows={[
              [t`server says`, <StateWord key="status" {...DEPLOYMENT_STATUSES[deployment.status]} />],
              [t`artifact`, deployment.artifactName],
              [t`device`, `${CARD_STATES[device.card.state].word.toLowerCase()}, ${device.card.detail}`],
              [t`evidence`, evidenceLine(device)],
            ]}
          />
        </>
      )}
      {device.board !== null && <BoardFacts name={device.board} />}
      <Label>{t`Device`}</Label>
      <Facts
        rows={[
          [t`runs`, device.artifactName ?? t`not said yet`],
          [t`device type`, device.deviceType ?? t`not said yet`],
          [t`group`, device.group ?? t`none`],
          [
            t`next poll`,
            <span key="poll" className={styles.poll}>
              {device.nextPollAt === null ? t`not known yet` : t`about ${clock(device.nextPollAt)}`}
              <PollNow deviceId={device.id} />
            </span>,
          ],
          ...(device.silentWhy === null ? [] : [[t`silent`, device.silentWhy] as const]),
          ['mender-connect', connectionWords(device).word],
          [t`joined`, <Moment key="since" at={device.createdAt} />],
        ]}
      />
      <WhatItGets id={device.id} />
      <Actions device={device} />
      <DevicePollPlots key={device.id} id={device.id} />
    </>
  )
}

function BootFacts({ boot: { bootCount, bootLimit, isUpgradeAvailable, bootSlot } }: { boot: BootEnvironment }) {
  return (
    <>
      <Label>{t`Bootloader environment`}</Label>
      <Facts
        rows={[
          ['bootcount', t`${bootCount} of ${bootLimit}`],
          ['upgrade_available', isUpgradeAvailable ? '1' : '0'],
          [t`boot slot`, bootSlot],
        ]}
      />
    </>
  )
}

/** What is deployed to it and why it gets nothing, and why it was refused. */
function WhatItGets({ id }: { id: string }) {
  const detail = useLive(`devices.show ${id}`, (engine, signal) => engine.devices.show({ id }, { signal })).value
  if (detail === null) return null
  return (
    <>
      <Label>{t`What it gets`}</Label>
      <p className={styles.why}>{detail.why}</p>
      {detail.refusals.map(({ keyFingerprint, lastAt, reason, remedy }) => (
        <p key={keyFingerprint} className={styles.why}>
          <Trans>
            Refused <Moment at={lastAt} />: {reason}. {remedy}
          </Trans>
        </p>
      ))}
    </>
  )
}

/** The commonest event of a lab, with the click that it wants. */
function NewKey({ device: { id, newKey } }: { device: Device }) {
  const accept = useAction((engine, authsetId: string) => engine.devices.setAuthStatus({ id, authsetId, status: 'accepted' }))
  if (newKey === null) return null
  return (
    <Alert mt="sm" color="yellow" icon={<KeyRound size={16} />} title={t`Same identity, new key`}>
      {t`The board was probably flashed again and made a new key. Accepting it rejects the old one.`}
      <Group mt="xs">
        <May group="devices">
          <Button size="compact-sm" onClick={() => accept.run(newKey.authsetId)}>
            {t`Accept the new key`}
          </Button>
        </May>
      </Group>
    </Alert>
  )
}

function Actions({ device }: { device: Device }) {
  const { askDeploy, explain } = useWindow()
  const { deployment } = device
  return (
    <Group mt="lg" gap="xs">
      <May group="deployments">
        <Button
          variant="default"
          leftSection={<Rocket size={13} />}
          disabled={device.status !== 'accepted' || isBusy(device.card.state)}
          onClick={() => askDeploy({ deviceIds: [device.id], artifactId: null })}
        >
          {t`Deploy…`}
        </Button>
      </May>
      {deployment !== null && canExplain(device) && (
        <Button variant="default" leftSection={<CircleHelp size={14} />} onClick={() => explain(device.id, deployment.id)}>
          {t`Why?`}
        </Button>
      )}
    </Group>
  )
}
