import { t } from '@lingui/core/macro'
import { ActionIcon, Tooltip } from '@mantine/core'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useJobs } from '../../app/facts.tsx'
import { FileBrowser } from '../../app/file-browser.tsx'
import { finishJob } from '../../app/finish-job.ts'
import { useAction } from '../../app/use-action.ts'
import { ByteBar } from '../../ui/byte-bar.tsx'
import { Inspector } from '../../ui/inspector.tsx'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { fileName } from './partition-words.ts'

/** What can be copied out. */
const COPIED = ['file', 'folder', 'link']

interface InsideFilesProps {
  path: string
  /** 0: the whole of an image without partitions. */
  partition: number | null
}

/** The files of one file system, each of which can be copied out, folders with all they hold. */
export function InsideFiles({ path, partition: chosen }: InsideFilesProps) {
  const { inspect } = useFlash()
  const partition = chosen === 0 ? null : chosen
  const title = partition === null ? fileName(path) : t`Files of partition ${partition}`
  const copy = useCopyOut(path, partition)
  return (
    <Inspector title={title} onClose={() => inspect(path, null)}>
      <FileBrowser
        inside={{
          key: `image ${path} ${partition}`,
          list: (engine, inside, signal) => engine.images.files({ path, partition, inside }, { signal }),
          text: (engine, inside, signal) => engine.images.fileText({ path, partition, inside }, { signal }),
        }}
      >
        {(inside, kind) =>
          COPIED.includes(kind) && (
            <Tooltip label={t`Copy ${inside === '/' ? t`everything` : fileName(inside)} out…`}>
              <ActionIcon aria-label={t`Copy ${inside} out`} disabled={copy.jobId !== null} onClick={() => copy.run(inside)}>
                <Download size={15} />
              </ActionIcon>
            </Tooltip>
          )
        }
      </FileBrowser>
      <p className={styles.copied}>
        {copy.jobId !== null && <CopyProgress jobId={copy.jobId} />}
        <output>{copy.done}</output>
      </p>
    </Inspector>
  )
}

function useCopyOut(path: string, partition: number | null) {
  const machine = useMachine()
  const [jobId, setJobId] = useState<string | null>(null)
  const [done, setDone] = useState('')
  const { run } = useAction(async (engine, inside: string) => {
    const [folder] = (await machine?.pickFiles({ title: t`Copy ${inside} to`, isSeveral: false, isFolder: true }))?.paths ?? []
    if (folder === undefined) return
    const name = inside === '/' ? `${fileName(path)}${partition === null ? '' : `-${partition}`}` : fileName(inside)
    const to = `${folder}/${name}`
    setDone('')
    try {
      const started = await engine.images.extract({ path, partition, inside, to })
      setJobId(started.jobId)
      await finishJob(engine, started.jobId)
      setDone(t`Copied to ${to}`)
    } finally {
      setJobId(null)
    }
  })
  return { run, jobId, done }
}

function CopyProgress({ jobId }: { jobId: string }) {
  const job = useJobs().value?.find(({ id }) => id === jobId)
  if (!job?.progress?.total) return null
  return <ByteBar doneBytes={job.progress.done} totalBytes={job.progress.total} label={job.title} />
}
