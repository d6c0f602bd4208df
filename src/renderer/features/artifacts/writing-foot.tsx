import { t } from '@lingui/core/macro'
import type { Failure } from '@contract/errors.ts'
import { Button } from '@mantine/core'
import { PackagePlus } from 'lucide-react'
import { useJobs } from '../../app/facts.tsx'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import styles from './new-artifact.module.css'
import type { Writing } from './use-writing.ts'
import { Refusal } from '../../ui/refusal.tsx'

interface WritingFootProps {
  writing: Omit<Writing<never>, 'start'>
  /** What it failed of, if that stands at no field. */
  failure: Failure | null
  /** The verb on the button, which submits the form. */
  action: string
}

/** The foot of a form that writes an artifact: how that goes, and the buttons. */
export function WritingFoot({ writing, failure, action }: WritingFootProps) {
  return (
    <footer className={styles.footer}>
      <Outcome jobId={writing.jobId} failure={failure} />
      {writing.isBusy && (
        <Button variant="default" disabled={writing.jobId === null} onClick={writing.cancel}>
          {t`Cancel`}
        </Button>
      )}
      <Button type="submit" size="sm" leftSection={<PackagePlus size={14} />} loading={writing.isBusy}>
        {action}
      </Button>
    </footer>
  )
}

/** How the work goes, or what it failed of. */
function Outcome({ jobId, failure }: { jobId: string | null; failure: Failure | null }) {
  const job = (useJobs().value ?? []).find(({ id }) => id === jobId)
  if (failure !== null) {
    return <Refusal failure={failure} className={styles.outcome} />
  }
  if (job === undefined) return <span className={styles.outcome} />
  const label = job.steps[job.step] ?? job.title
  const { progress } = job
  return (
    <div className={styles.outcome}>
      <span>{label}</span>
      {progress?.total ? <ByteBar doneBytes={progress.done} totalBytes={progress.total} label={label} /> : <WaitBar label={label} />}
    </div>
  )
}
