import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { useJobs } from '../../app/facts.tsx'
import { useUploads } from '../../app/transfers.ts'
import { useAction } from '../../app/use-action.ts'
import { ByteBar, WaitBar } from '../../ui/byte-bar.tsx'
import styles from './artifacts.module.css'

/** Something on its way into the library. */
interface Coming {
  id: string
  title: string
  step: string
  /** null while it cannot be told. */
  bytes: { done: number; total: number } | null
  cancel: () => void
}

/** The jobs that bring something into the library. */
const ADDING = ['artifact-add', 'artifact-write', 'artifact-delta']

/** What is on its way into the library: jobs of the engine, and uploads of this page. */
export function useComing(): Coming[] {
  const cancel = useAction((engine, id: string) => engine.jobs.cancel({ id }))
  const jobs = (useJobs().value ?? []).filter(({ kind, state }) => state === 'running' && ADDING.includes(kind))
  const uploads = useUploads().uploads.filter(({ folder }) => folder === null)
  return [
    ...uploads.map(({ id, name, doneBytes, totalBytes, cancel: stop }) => ({
      ...{ id: `upload ${id}`, title: t`Upload ${name}`, step: 'Upload', cancel: stop },
      bytes: { done: doneBytes, total: totalBytes },
    })),
    ...jobs.map(({ id, title, steps, step, progress }) => ({
      ...{ id, title, step: steps[step] ?? title, cancel: () => cancel.run(id) },
      bytes: progress?.total && progress.unit === 'bytes' ? { done: progress.done, total: progress.total } : null,
    })),
  ]
}

/** Each with how far it is and a way to stop it. */
export function ComingRows({ coming }: { coming: readonly Coming[] }) {
  if (coming.length === 0) return null
  return (
    <ul className={styles.jobs} aria-label={t`On their way into the library`}>
      {coming.map(({ id, title, step, bytes, cancel }) => (
        <li key={id}>
          <span className={styles.jobTitle}>{title}</span>
          {bytes === null ? <WaitBar label={step} /> : <ByteBar doneBytes={bytes.done} totalBytes={bytes.total} label={step} />}
          <Button variant="default" aria-label={t`Cancel: ${title}`} onClick={cancel}>
            {t`Cancel`}
          </Button>
        </li>
      ))}
    </ul>
  )
}
