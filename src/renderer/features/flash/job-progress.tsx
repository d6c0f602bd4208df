import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { useJobs } from '../../app/facts.tsx'
import { JobBar } from '../../app/job-details.tsx'
import { useAction } from '../../app/use-action.ts'
import { WaitBar } from '../../ui/byte-bar.tsx'
import styles from './compose.module.css'

/** How far a job is, with a way to stop it. */
export function JobProgress({ jobId }: { jobId: string }) {
  const job = useJobs().value?.find(({ id }) => id === jobId)
  const cancel = useAction((engine) => engine.jobs.cancel({ id: jobId }))
  const step = job?.steps[job.step] ?? t`It begins`
  return (
    <div className={styles.progress}>
      <span>{step}</span>
      {job ? <JobBar job={job} /> : <WaitBar label={step} />}
      <Button variant="default" onClick={cancel.run}>
        {t`Cancel`}
      </Button>
    </div>
  )
}
