import { t } from '@lingui/core/macro'
import type { Job } from '@contract/jobs.ts'
import { Ban, Check, Cog, type LucideIcon, X } from 'lucide-react'
import type { Token } from '../../ui/card-states.ts'
import { percent } from '../../ui/format.ts'
import { StateWord } from '../../ui/state-word.tsx'
import styles from './jobs.module.css'

/** How each state of a job is shown. */
const STATES: Readonly<Record<Job['state'], { word: string; icon: LucideIcon; token: Token; isTurning?: boolean }>> = {
  running: { word: t`RUNNING`, icon: Cog, token: 'progress', isTurning: true },
  done: { word: t`DONE`, icon: Check, token: 'ok' },
  failed: { word: t`FAILED`, icon: X, token: 'danger' },
  cancelled: { word: t`CANCELLED`, icon: Ban, token: 'neutral' },
}

/** How a job stands. */
export function JobState({ job: { state, progress } }: { job: Job }) {
  return (
    <span className={styles.state}>
      <StateWord {...STATES[state]} />
      {state === 'running' && progress?.total ? <span className="figures">{percent(progress.done, progress.total)} %</span> : null}
    </span>
  )
}
