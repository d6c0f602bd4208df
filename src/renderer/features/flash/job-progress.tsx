import { Button } from '@mantine/core'
import { useJobs } from '../../app/facts.tsx'
import { useAction } from '../../app/use-action.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import styles from './compose.module.css'

/** How far a job is, with a way to stop it. */
export function JobProgress({ jobId }: { jobId: string }) {
  const job = useJobs().value?.find(({ id }) => id === jobId)
  const cancel = useAction((engine) => engine.jobs.cancel({ id: jobId }))
  const step = job?.steps[job.step] ?? 'It begins'
  return (
    <div className={styles.progress}>
      <span>{step}</span>
      {job?.progress?.total ? (
        <ByteBar doneBytes={job.progress.done} totalBytes={job.progress.total} label={step} />
      ) : (
        <WaitBar label={step} />
      )}
      <Button variant="default" onClick={cancel.run}>
        Cancel
      </Button>
    </div>
  )
}
