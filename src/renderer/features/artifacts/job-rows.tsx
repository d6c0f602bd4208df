import type { Job } from '@contract/jobs.ts'
import { Button } from '@mantine/core'
import { useAction } from '../../app/use-action.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import styles from './artifacts.module.css'

/** What is on its way into the library, with how far it is and a way to stop it. */
export function JobRows({ jobs }: { jobs: readonly Job[] }) {
  const cancel = useAction((engine, id: string) => engine.jobs.cancel({ id }))
  if (jobs.length === 0) return null
  return (
    <ul className={styles.jobs} aria-label="On their way into the library">
      {jobs.map(({ id, title, steps, step, progress }) => (
        <li key={id}>
          <span className={styles.jobTitle}>{title}</span>
          {progress?.total && progress.unit === 'bytes' ? (
            <ByteBar doneBytes={progress.done} totalBytes={progress.total} label={steps[step] ?? title} />
          ) : (
            <WaitBar label={steps[step] ?? title} />
          )}
          <Button variant="default" aria-label={`Cancel: ${title}`} onClick={() => cancel.run(id)}>
            Cancel
          </Button>
        </li>
      ))}
    </ul>
  )
}
