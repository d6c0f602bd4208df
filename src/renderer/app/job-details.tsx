import { t } from '@lingui/core/macro'
import type { Job } from '@contract/jobs.ts'
import { Ban, Check, CircleDashed, type LucideIcon, X } from 'lucide-react'
import { Label } from '../ui/chip.tsx'
import { CopyLine } from '../ui/copy-line.tsx'
import { ByteBar, WaitBar } from '../ui/byte-bar.tsx'
import { percent } from '../ui/format.ts'
import styles from './job-details.module.css'
import { useCall } from './use-call.ts'

interface StepLook {
  icon: LucideIcon
  token: string
  word: string
}

function lookOf({ state, step }: Job, index: number): StepLook {
  if (index < step || state === 'done') return { icon: Check, token: 'ok', word: t`done` }
  if (index > step) return { icon: CircleDashed, token: 'neutral', word: t`not begun` }
  if (state === 'running') return { icon: CircleDashed, token: 'progress', word: t`under way` }
  return state === 'failed' ? { icon: X, token: 'danger', word: t`failed here` } : { icon: Ban, token: 'neutral', word: t`cancelled here` }
}

function Step({ name, look: { icon: Icon, token, word } }: { name: string; look: StepLook }) {
  return (
    <li data-token={token}>
      <Icon size={14} aria-hidden /> {name} <span className="dim">{word}</span>
    </li>
  )
}

/** The bar of a job that runs: over bytes or items where it counts them. */
export function JobBar({ job: { progress, title } }: { job: Job }) {
  if (!progress?.total) return <WaitBar label={title} />
  if (progress.unit === 'bytes') return <ByteBar doneBytes={progress.done} totalBytes={progress.total} label={title} />
  const share = percent(progress.done, progress.total)
  return (
    <progress className={styles.items} aria-label={title} value={share} max={100} title={t`${progress.done} of ${progress.total} items`} />
  )
}

/** The steps of a job, with how far it has come. */
export function JobSteps({ job }: { job: Job }) {
  return (
    <ol className={styles.steps}>
      {job.steps.map((step, index) => (
        <Step key={step} name={step} look={lookOf(job, index)} />
      ))}
    </ol>
  )
}

/** What a job wrote down. Read again when the job takes a step or ends: nothing is written to it afterwards. */
export function JobLog({ job: { id, state, step } }: { job: Job }) {
  const lines = useCall(`jobs.log ${id} ${step} ${state}`, (engine, signal) => engine.jobs.log({ id }, { signal })).value
  if (lines === null || lines.length === 0) return null
  return (
    <>
      <Label>{t`Log`}</Label>
      <CopyLine isWhole text={lines.join('\n')} label={t`the log`} />
    </>
  )
}
