import { t } from '@lingui/core/macro'
import type { CardState, Device } from '@contract/devices.ts'
import { Button, Checkbox } from '@mantine/core'
import { CircleHelp, Eye, Rocket, Tag } from 'lucide-react'
import { memo } from 'react'
import { PauseButtons } from '../../app/pause-buttons.tsx'
import { useAction } from '../../app/use-action.ts'
import { useAddArtifacts } from '../../app/use-add-artifacts.ts'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { CARD_STATES, isBusy } from '../../ui/card-states.ts'
import frame from '../../ui/card-frame.module.css'
import { Chip } from '../../ui/chip.tsx'
import { useFileDrop } from '../../ui/file-drop.ts'
import { Slots } from '../../ui/slots.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { useBench } from './bench-state.ts'
import { CardActivity } from './card-activity.tsx'
import { CardMenu } from './card-menu.tsx'
import styles from './device-card.module.css'
import { memoOf } from './memo-of.ts'
import { bootLine, canExplain, composedName, evidenceLine, evidenceWord } from './device-words.ts'

interface DeviceCardProps {
  device: Device
  isInspected: boolean
  isMarked: boolean
  isFocusable: boolean
}

/** One board. The order of its lines never changes, so that eyes learn it. */
export const DeviceCard = memo(function DeviceCard({ device, isInspected, isMarked, isFocusable }: DeviceCardProps) {
  const askDeploy = useWindow((state) => state.askDeploy)
  const look = CARD_STATES[device.card.state]
  const add = useAddArtifacts((artifactId) => askDeploy({ deviceIds: [device.id], artifactId }))
  const drop = useFileDrop(add.drop)
  return (
    <article
      className={`${frame.card} ${styles.card}`}
      aria-label={composedName(device)}
      data-device={device.id}
      data-token={look.token}
      data-frame={look.frame}
      data-muted={look.isMuted}
      data-inspected={isInspected}
      data-marked={isMarked}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrows move the focus from card to card
      tabIndex={isFocusable ? 0 : -1}
      {...drop.handlers}
    >
      <CardHead device={device} isMarked={isMarked} />
      <div className={styles.state}>
        <StateWord {...look} isTurning={device.card.state === 'rebooting' || device.card.state === 'installing'} />
        <span className={styles.detail} title={device.card.detail}>
          {device.card.detail}
        </span>
      </div>
      <CardActivity device={device} />
      <CardSlots device={device} />
      <p className={styles.boot}>
        <span className="mono">{bootLine(device) ?? t`bootloader not observed`}</span>
        <span className={styles.evidence} title={evidenceLine(device)}>
          <Eye size={12} aria-hidden />
          {evidenceWord(device)}
        </span>
      </p>
      <CardTail lines={device.tail} />
      <CardActions
        device={device}
        state={device.card.state}
        deploymentId={device.deployment?.id ?? null}
        isExplained={canExplain(device)}
      />
      {drop.isOver && <div className={styles.over}>{t`Add to the library and deploy to ${device.name}`}</div>}
    </article>
  )
})

interface CardHeadProps {
  device: Pick<Device, 'id' | 'name' | 'virtual' | 'board' | 'group' | 'connection'>
  isMarked: boolean
}

const CardHead = memoOf(['id', 'name', 'virtual', 'board', 'group', 'connection'], function CardHead({ device, isMarked }: CardHeadProps) {
  const inspect = useWindow((state) => state.inspect)
  const toggle = useBench((state) => state.toggle)
  return (
    <header className={styles.head}>
      <button type="button" className={styles.name} tabIndex={-1} title={device.name} onClick={() => inspect(device.id)}>
        {device.name}
      </button>
      {device.virtual !== null && <Chip title={t`A virtual device: ${device.virtual.profile}`}>{t`virtual`}</Chip>}
      {device.board !== null && <Chip title={t`A virtual board: a real system in QEMU`}>{t`virtual`}</Chip>}
      {device.group !== null && (
        <Chip title={t`Group ${device.group}`}>
          <Tag size={10} aria-hidden />
          {device.group}
        </Chip>
      )}
      <span className={styles.corner}>
        <Checkbox
          size="xs"
          className={styles.mark}
          tabIndex={-1}
          aria-label={t`Mark ${device.name}`}
          checked={isMarked}
          onChange={() => toggle(device.id)}
        />
        <CardMenu device={device} />
      </span>
    </header>
  )
})

interface CardSlotsProps {
  device: Pick<Device, 'slots' | 'artifactName'>
}

const CardSlots = memoOf(['slots', 'artifactName'], function CardSlots({ device: { slots, artifactName } }: CardSlotsProps) {
  if (slots !== null) return <Slots slots={slots} />
  const said = artifactName === null ? t`Slots not observed` : t`Slots not observed · says it runs ${artifactName}`
  return <p className={styles.noSlots}>{said}</p>
})

/** The last two lines of the console. */
function CardTail({ lines }: { lines: readonly string[] }) {
  const [newest, older] = lines.toReversed()
  return (
    <div className={styles.tail} aria-label={t`Console`} title={lines.join('\n')}>
      {newest === undefined && <span className={styles.quiet}>{t`console not attached`}</span>}
      {older !== undefined && (
        <span className={styles.older}>
          <span>{older}</span>
        </span>
      )}
      {newest !== undefined && <span className={styles.newest}>{newest}</span>}
    </div>
  )
}

interface CardActionsProps {
  device: Pick<Device, 'id' | 'status' | 'authsets' | 'newKey'>
  state: CardState
  deploymentId: string | null
  /** There is an outcome that wants explaining. */
  isExplained: boolean
}

const CardActions = memoOf(['id', 'status', 'authsets', 'newKey'], function CardActions(props: CardActionsProps) {
  const { device, state, deploymentId, isExplained } = props
  const askDeploy = useWindow((window) => window.askDeploy)
  const explain = useWindow((window) => window.explain)
  const judge = useAction((engine, status: 'accepted' | 'rejected') => {
    const authsetId = device.newKey?.authsetId ?? (device.authsets.find((each) => each.status === 'pending') ?? device.authsets[0])?.id
    if (authsetId === undefined) return Promise.resolve()
    return engine.devices.setAuthStatus({ id: device.id, authsetId, status })
  })
  if (device.status !== 'accepted') {
    return (
      <footer className={styles.actions}>
        <May group="devices">
          <Button disabled={device.authsets.length === 0} loading={judge.isBusy} onClick={() => judge.run('accepted')}>
            {t`Accept`}
          </Button>
        </May>
        {device.status === 'pending' && (
          <May group="devices">
            <Button variant="default" onClick={() => judge.run('rejected')}>
              {t`Reject`}
            </Button>
          </May>
        )}
      </footer>
    )
  }
  return (
    <footer className={styles.actions}>
      {device.newKey !== null && (
        <Button
          title={t`Same identity, new key: the board was probably flashed again`}
          loading={judge.isBusy}
          onClick={() => judge.run('accepted')}
        >
          {t`Accept new key`}
        </Button>
      )}
      {deploymentId !== null && state === 'paused' && <PauseButtons deploymentId={deploymentId} />}
      {deploymentId !== null && isExplained && (
        <Button leftSection={<CircleHelp size={14} />} onClick={() => explain(device.id, deploymentId)}>
          {t`Why?`}
        </Button>
      )}
      <May group="deployments">
        <Button
          variant="default"
          leftSection={<Rocket size={13} />}
          disabled={isBusy(state)}
          onClick={() => askDeploy({ deviceIds: [device.id], artifactId: null })}
        >
          {t`Deploy…`}
        </Button>
      </May>
    </footer>
  )
})
