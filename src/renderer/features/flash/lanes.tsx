import { t } from '@lingui/core/macro'
import type { Drive, DriveIdentity } from '@contract/drives.ts'
import type { FlashView, Lane } from '@contract/flash.ts'
import { Button } from '@mantine/core'
import { CirclePlay, CircleStop, Pause, RotateCw, X } from 'lucide-react'
import { useState } from 'react'
import { useFlashes } from '../../app/facts.tsx'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import { CopyText } from '../../ui/copy-text.tsx'
import { short } from '../../ui/format.ts'
import { driveKey } from './drive-words.ts'
import { EraseDialog } from './erase-dialog.tsx'
import { LaneCard } from './lane-card.tsx'
import { canFinish, driveOf, isOpen, outcome } from './lane-words.ts'
import styles from './lanes.module.css'
import { fileName } from './partition-words.ts'
import { heldWords } from './source-words.ts'

/** What is being written, and what was, until it is cleared away; with buttons for who may use the drives. */
export function Lanes({ drives }: { drives: readonly Drive[] }) {
  const views = useFlashes().value ?? []
  return views.map((view) => <Flash key={view.id} view={view} drives={drives} />)
}

function Flash({ view, drives }: { view: FlashView; drives: readonly Drive[] }) {
  const { id, lanes, request, sha256 } = view
  const finish = useFinish(view, drives)
  const forget = useAction((engine) => engine.flash.forget({ id }))
  const failed = lanes.filter(canFinish)
  const isRunning = lanes.some(isOpen)
  const isOrdering = useMachine() !== null
  return (
    <section className={styles.flash} aria-label={t`${fileName(request.source)} on ${lanes.length}`}>
      <div className={styles.flashHead}>
        <h2 className={styles.title}>{fileName(request.source)}</h2>
        <span className="dim">{isRunning ? t`to ${lanes.length}` : outcome(view)}</span>
        {sha256 !== null && <CopyText text={sha256} shown={t`SHA-256 ${short(sha256)}`} label={t`the checksum of the image`} />}
        {heldWords(
          view,
          lanes.some(({ state }) => state === 'done'),
        ).map((words) => (
          <span key={words} className="dim">
            {words}
          </span>
        ))}
        {isOrdering && (
          <span className={styles.flashActions}>
            {isRunning && lanes.length > 1 && <All view={view} />}
            {failed.length > 1 && !isRunning && (
              <Button variant="default" leftSection={<RotateCw size={13} />} onClick={() => finish.ask(failed)}>
                {t`Finish the ${failed.length} that are not`}
              </Button>
            )}
            {!isRunning && (
              <Button variant="subtle" color="gray" leftSection={<X size={13} />} loading={forget.isBusy} onClick={forget.run}>
                {t`Clear`}
              </Button>
            )}
          </span>
        )}
      </div>
      <ul className={styles.lanes}>
        {lanes.map((lane) => (
          <li key={lane.id}>
            <LaneCard view={view} lane={lane} drives={drives} onFinish={finish.ask} />
          </li>
        ))}
      </ul>
      <EraseDialog
        image={fileName(request.source)}
        partition={request.partition ?? null}
        drives={finish.asked?.drives ?? []}
        isOpen={finish.asked !== null}
        onClose={finish.close}
        onConfirm={finish.confirm}
      />
    </section>
  )
}

/** For all lanes together. */
function All({ view: { id, lanes } }: { view: FlashView }) {
  const pause = useAction((engine) => engine.flash.pause({ id }))
  const resume = useAction((engine) => engine.flash.continue({ id }))
  const cancel = useAction((engine) => engine.flash.cancel({ id }))
  const isPaused = lanes.filter(isOpen).every(({ state }) => state === 'paused')
  return (
    <>
      {isPaused ? (
        <Button variant="default" leftSection={<CirclePlay size={13} />} onClick={resume.run}>
          {t`Go on with all`}
        </Button>
      ) : (
        <Button variant="default" leftSection={<Pause size={13} />} onClick={pause.run}>
          {t`Pause all`}
        </Button>
      )}
      <Button variant="default" leftSection={<CircleStop size={13} />} onClick={cancel.run}>
        {t`Cancel all`}
      </Button>
    </>
  )
}

interface Asked {
  lanes: readonly Lane[]
  drives: readonly Drive[]
}

/** Finishes lanes; where what is plugged in now may be another card than the one that was written, it asks as it does at the start. */
function useFinish({ id }: FlashView, drives: readonly Drive[]) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const retry = useAction((engine, lanes: readonly Lane[]) => {
    const now = lanes.map((lane): [string, DriveIdentity | undefined] => [lane.id, driveOf(lane, drives)?.identity])
    const identities = Object.fromEntries(now.flatMap(([lane, identity]) => (identity === undefined ? [] : [[lane, identity]])))
    return engine.flash.retry({ id, lanes: lanes.map((lane) => lane.id), identities })
  })
  function ask(lanes: readonly Lane[]): void {
    const changed = lanes.flatMap((lane) => {
      const drive = driveOf(lane, drives)
      return drive !== null && lane.target.identity !== null && driveKey(drive.identity) !== driveKey(lane.target.identity) ? [drive] : []
    })
    if (changed.length === 0) retry.run(lanes)
    else setAsked({ lanes, drives: changed })
  }
  function confirm(): void {
    if (asked !== null) retry.run(asked.lanes)
    setAsked(null)
  }
  return { ask, asked, confirm, close: () => setAsked(null) }
}
