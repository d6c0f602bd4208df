import { t } from '@lingui/core/macro'
import type { Drive } from '@contract/drives.ts'
import type { FlashView, Lane } from '@contract/flash.ts'
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { CirclePlay, CircleStop, Pause } from 'lucide-react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import frame from '../../ui/card-frame.module.css'
import { Chip } from '../../ui/chip.tsx'
import { bytes } from '../../ui/format.ts'
import { RatePlot } from '../../ui/plot/rate-plot.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { canFinish, driveOf, isOpen, laneDetail, laneLook, laneNotes, laneSentence } from './lane-words.ts'
import styles from './lanes.module.css'
import { fileName } from './partition-words.ts'

interface LaneCardProps {
  view: FlashView
  lane: Lane
  drives: readonly Drive[]
  /** Asks first where another card may be in the reader. */
  onFinish: (lanes: readonly Lane[]) => void
}

/** One drive on its way: its state, how far, how fast, how long, and what can be done. */
export function LaneCard({ view, lane, drives, onFinish }: LaneCardProps) {
  const drive = driveOf(lane, drives)
  const look = laneLook(lane, drive)
  const name = drive?.name ?? fileName(lane.target.path)
  const detail = laneDetail(lane, view.request)
  return (
    <article className={frame.card} aria-label={laneSentence(name, lane, look)} data-token={look.token} data-frame={look.frame}>
      <div className={styles.head}>
        <span className={styles.name}>{name}</span>
        {lane.target.identity === null && <Chip title={lane.target.path}>{t`file`}</Chip>}
        {drive !== null && <span className={styles.size}>{bytes(drive.sizeBytes)}</span>}
        <Buttons view={view} lane={lane} name={name} />
      </div>
      <div className={styles.state}>
        <StateWord {...look} />
        <span className={styles.detail}>{detail}</span>
      </div>
      {isOpen(lane) && <Progress lane={lane} name={name} />}
      <RateAlongCard lane={lane} name={name} />
      {laneNotes(lane).map((note) => (
        <p key={note} className={styles.note}>
          {note}
        </p>
      ))}
      {lane.failure !== null && lane.state !== 'cancelled' && (
        <p className={styles.failure} role={lane.state === 'failed' ? 'alert' : undefined}>
          <strong>{lane.failure.message}.</strong> {lane.failure.hint}
        </p>
      )}
      <Finish lane={lane} isThere={drive !== null} onFinish={onFinish} />
    </article>
  )
}

/** For a card that is not whole, where the drives are for whoever sits here. */
function Finish({ lane, isThere, onFinish }: Pick<LaneCardProps, 'lane' | 'onFinish'> & { isThere: boolean }) {
  if (useMachine() === null || !canFinish(lane)) return null
  return (
    <div className={styles.actions}>
      {isThere || lane.target.identity === null ? (
        <Button variant="default" onClick={() => onFinish([lane])}>
          {t`Finish`}
        </Button>
      ) : (
        <span className="dim">{t`Plug it in again to finish it.`}</span>
      )}
    </div>
  )
}

/** The rate of writing along the card: where a worn card is slow. */
function RateAlongCard({ lane, name }: { lane: Lane; name: string }) {
  const { samples, sampleBytes, phase, totalBytes } = lane
  if (samples.length < 2) return null
  const whole = phase === 'writing' && totalBytes !== null ? Math.ceil(totalBytes / Math.max(1, sampleBytes)) : samples.length
  return (
    <RatePlot
      label={t`Rate of writing along ${name}`}
      summary={t`${bytes(Math.max(...samples))}/s at most`}
      rates={samples}
      count={whole}
      from={(step) => bytes(step * sampleBytes)}
      height={32}
      isSmall
      isOverBytes
    />
  )
}

function Progress({ lane, name }: { lane: Lane; name: string }) {
  const { phase, state, doneBytes, totalBytes } = lane
  const label = `${name}: ${phase}`
  if (state === 'waiting') return null
  return totalBytes === null || phase === 'opening' || phase === 'finishing' ? (
    <WaitBar label={label} />
  ) : (
    <ByteBar doneBytes={doneBytes} totalBytes={totalBytes} label={label} isHatched={phase === 'verifying'} />
  )
}

function Buttons({ view, lane, name }: { view: FlashView; lane: Lane; name: string }) {
  const input = { id: view.id, lanes: [lane.id] }
  const pause = useAction((engine) => engine.flash.pause(input))
  const resume = useAction((engine) => engine.flash.continue(input))
  const cancel = useAction((engine) => engine.flash.cancel(input))
  if (useMachine() === null || !isOpen(lane)) return null
  return (
    <span className={styles.buttons}>
      {lane.state === 'paused' ? (
        <Tooltip label={t`Go on`}>
          <ActionIcon aria-label={t`Go on with ${name}`} onClick={resume.run}>
            <CirclePlay size={15} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <Tooltip label={t`Pause`}>
          <ActionIcon aria-label={t`Pause ${name}`} onClick={pause.run}>
            <Pause size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label={t`Cancel`}>
        <ActionIcon aria-label={t`Cancel ${name}`} onClick={cancel.run}>
          <CircleStop size={15} />
        </ActionIcon>
      </Tooltip>
    </span>
  )
}
