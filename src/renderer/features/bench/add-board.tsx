import { Button, Group, Modal } from '@mantine/core'
import { useState } from 'react'
import { useJobs } from '../../app/facts.tsx'
import { JobBar, JobLog, JobSteps } from '../../app/job-details.tsx'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import styles from './add-board.module.css'
import { BoardForm } from './board-form.tsx'

/** Makes a virtual board: a form, then the job as it goes. */
export function AddBoard() {
  const { sheet, showSheet } = useWindow()
  const close = (): void => showSheet(null)
  return (
    <Modal opened={sheet === 'board'} onClose={close} title="Add virtual board" size="md" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Content onClose={close} />
    </Modal>
  )
}

function Content({ onClose }: { onClose: () => void }) {
  const [jobId, setJobId] = useState<string | null>(null)
  if (jobId === null) return <BoardForm onStarted={setJobId} />
  return <Making jobId={jobId} onAgain={() => setJobId(null)} onClose={onClose} />
}

interface MakingProps {
  jobId: string
  /** Back to the form. */
  onAgain: () => void
  onClose: () => void
}

/** The job that makes a board. It goes on when this is closed: it is a job like others. */
function Making({ jobId, onAgain, onClose }: MakingProps) {
  const job = useJobs().value?.find(({ id }) => id === jobId)
  const cancel = useAction((engine) => engine.jobs.cancel({ id: jobId }))
  if (job === undefined) return null
  const { state, title, failure } = job
  return (
    <section aria-label={title}>
      <h3 className={styles.title}>{title}</h3>
      {state === 'running' && <JobBar job={job} />}
      <JobSteps job={job} />
      {failure !== null && (
        <p className={styles.problem} role="alert">
          {failure.message}. {failure.hint}
        </p>
      )}
      <JobLog job={job} />
      <Group justify="flex-end" mt="md" gap="xs">
        {state === 'running' && (
          <Button variant="default" loading={cancel.isBusy} onClick={() => cancel.run()}>
            Cancel
          </Button>
        )}
        {state !== 'running' && state !== 'done' && (
          <Button variant="default" onClick={onAgain}>
            Back
          </Button>
        )}
        {state === 'done' && <Button onClick={onClose}>Done</Button>}
      </Group>
    </section>
  )
}
