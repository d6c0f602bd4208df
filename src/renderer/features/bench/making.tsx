import { t } from '@lingui/core/macro'
import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { useJobs } from '../../app/facts.tsx'
import { JobBar, JobLog, JobSteps } from '../../app/job-details.tsx'
import { useAction } from '../../app/use-action.ts'
import styles from './making.module.css'
import { Refusal } from '../../ui/refusal.tsx'

interface MakingProps {
  jobId: string
  /** Back to the form. */
  onAgain: () => void
  /** What can be done when it is done. */
  children: ReactNode
}

/** A job as it goes, in the dialog that has started it. It goes on when this is closed: it is a job like others. */
export function Making({ jobId, onAgain, children }: MakingProps) {
  const job = useJobs().value?.find(({ id }) => id === jobId)
  const cancel = useAction((engine) => engine.jobs.cancel({ id: jobId }))
  if (job === undefined) return null
  const { state, title, failure } = job
  return (
    <section aria-label={title}>
      <h3 className={styles.title}>{title}</h3>
      {state === 'running' && <JobBar job={job} />}
      <JobSteps job={job} />
      {failure !== null && <Refusal failure={failure} className={styles.problem} />}
      <JobLog job={job} />
      <Group justify="flex-end" mt="md" gap="xs">
        {state === 'running' && (
          <Button variant="default" loading={cancel.isBusy} onClick={() => cancel.run()}>
            {t`Cancel`}
          </Button>
        )}
        {state !== 'running' && state !== 'done' && (
          <Button variant="default" onClick={onAgain}>
            {t`Back`}
          </Button>
        )}
        {state === 'done' && children}
      </Group>
    </section>
  )
}
