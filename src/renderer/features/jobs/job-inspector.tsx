import type { Job } from '@contract/jobs.ts'
import { Button } from '@mantine/core'
import { Ban, Check, CircleDashed, type LucideIcon, X } from 'lucide-react'
import { useAction } from '../../app/use-action.ts'
import { useCall } from '../../app/use-call.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import { Facts, Label } from '../../ui/chip.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { clock, moment, span } from '../../ui/format.ts'
import { Inspector } from '../../ui/inspector.tsx'
import { useNow } from '../../ui/use-now.ts'
import styles from './jobs.module.css'
import { JobState } from './job-state.tsx'

/** One job: how far it has come, why it failed, and its log. */
export function JobInspector({ job, onClose }: { job: Job; onClose: () => void }) {
  const now = useNow()
  const { failure, progress, state, startedAt, endedAt, title, kind } = job
  const cancel = useAction((engine) => engine.jobs.cancel({ id: job.id }))
  return (
    <Inspector title={title} subtitle={<JobState job={job} />} onClose={onClose}>
      <div className={styles.scroll}>
        {failure !== null && state === 'failed' && (
          <p className={styles.why}>
            {failure.message} {failure.hint} <span className="mono dim">{failure.code}</span>
          </p>
        )}
        {state === 'running' &&
          (progress?.unit === 'bytes' && progress.total ? (
            <ByteBar doneBytes={progress.done} totalBytes={progress.total} label={title} />
          ) : (
            <WaitBar label={title} />
          ))}
        <Label>Steps</Label>
        <ol className={styles.steps}>
          {job.steps.map((step, index) => (
            <Step key={step} name={step} look={lookOf(job, index)} />
          ))}
        </ol>
        <Label>Job</Label>
        <Facts
          rows={[
            ['kind', kind],
            ['started', `${moment(startedAt, now)} (${clock(startedAt)})`],
            ['took', span((endedAt ?? now) - startedAt)],
          ]}
        />
        <JobLog job={job} />
      </div>
      {state === 'running' && (
        <footer className={styles.actions}>
          <Button variant="default" leftSection={<Ban size={13} />} loading={cancel.isBusy} onClick={() => cancel.run()}>
            Cancel
          </Button>
        </footer>
      )}
    </Inspector>
  )
}

interface StepLook {
  icon: LucideIcon
  token: string
  word: string
}

function lookOf({ state, step }: Job, index: number): StepLook {
  if (index < step || state === 'done') return { icon: Check, token: 'ok', word: 'done' }
  if (index > step) return { icon: CircleDashed, token: 'neutral', word: 'not begun' }
  if (state === 'running') return { icon: CircleDashed, token: 'progress', word: 'under way' }
  return state === 'failed' ? { icon: X, token: 'danger', word: 'failed here' } : { icon: Ban, token: 'neutral', word: 'cancelled here' }
}

function Step({ name, look: { icon: Icon, token, word } }: { name: string; look: StepLook }) {
  return (
    <li data-token={token}>
      <Icon size={14} aria-hidden /> {name} <span className="dim">{word}</span>
    </li>
  )
}

/** Read again when the job takes a step or ends: nothing is written to it afterwards. */
function JobLog({ job: { id, state, step } }: { job: Job }) {
  const lines = useCall(`jobs.log ${id} ${step} ${state}`, (engine, signal) => engine.jobs.log({ id }, { signal })).value
  if (lines === null || lines.length === 0) return null
  return (
    <>
      <Label>Log</Label>
      <CopyLine isWhole text={lines.join('\n')} label="the log" />
    </>
  )
}
