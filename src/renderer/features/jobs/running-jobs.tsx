import { t } from '@lingui/core/macro'
import type { Job } from '@contract/jobs.ts'
import { Button } from '@mantine/core'
import { Ban } from 'lucide-react'
import { JobBar } from '../../app/job-details.tsx'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { useRate } from '../../app/use-rate.ts'
import { useWindow } from '../../app/window-state.ts'
import { bytes, span } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'
import styles from './jobs.module.css'

/** What runs: each with its step, rate, time left, and the way to stop it. */
export function RunningJobs({ jobs }: { jobs: readonly Job[] }) {
  return (
    <ul className={styles.running} aria-label={t`Running jobs`}>
      {jobs.map((job) => (
        <RunningJob key={job.id} job={job} />
      ))}
    </ul>
  )
}

function RunningJob({ job }: { job: Job }) {
  const { selectJob, jobId } = useWindow()
  const cancel = useAction((engine) => engine.jobs.cancel({ id: job.id }))
  const { id, title, steps, step } = job
  return (
    <li className={styles.card} data-job={id} data-chosen={id === jobId}>
      <div className={styles.cardHead}>
        <button type="button" className={styles.cardTitle} onClick={() => selectJob(id)}>
          {title}
        </button>
        <span className={styles.step}>
          {steps[step] ?? t`Under way`}
          {steps.length > 1 && <span className="dim"> {t`${step + 1} of ${steps.length}`}</span>}
        </span>
        <Figures job={job} />
        <May group="jobs">
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Ban size={12} />}
            aria-label={t`Cancel: ${title}`}
            loading={cancel.isBusy}
            onClick={() => cancel.run()}
          >
            {t`Cancel`}
          </Button>
        </May>
      </div>
      <JobBar job={job} />
    </li>
  )
}

/** Rate and time left; how long it has taken while they are not known. */
function Figures({ job }: { job: Job }) {
  const now = useNow()
  const { perSecond, leftMs } = useRate(job)
  const unit = job.progress?.unit
  return (
    <span className={`figures ${styles.figures}`}>
      {perSecond !== null && unit !== undefined && (
        <span>{unit === 'bytes' ? `${bytes(perSecond)}/s` : t`${perSecond.toFixed(1)} items/s`}</span>
      )}
      <span>{leftMs === null ? t`for ${span(now - job.startedAt)}` : t`${span(leftMs)} left`}</span>
    </span>
  )
}
