import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { DatabaseBackup } from 'lucide-react'
import { useState } from 'react'
import { useMachine } from './machine.ts'
import { May } from './may.tsx'
import { useJobs } from './facts.tsx'
import { finishJob } from './finish-job.ts'
import styles from './server-popover.module.css'
import { JobBar } from './job-details.tsx'
import { useAction } from './use-action.ts'

/** Copies the whole bench into one file of the engine's machine. */
export function BackUp() {
  const machine = useMachine()
  const job = useJobs().value?.find(({ kind, state }) => kind === 'backup' && state === 'running')
  const [written, setWritten] = useState<string | null>(null)
  const cancel = useAction((engine, id: string) => engine.jobs.cancel({ id }))
  const start = useAction(
    async (engine) => {
      const suggestedName = `ota-bench-${new Date().toISOString().slice(0, 10)}.tar`
      const { path } = (await machine?.pickSavePath({ suggestedName })) ?? { path: null }
      if (path === null) return null
      const { jobId } = await engine.backup.create({ path })
      await finishJob(engine, jobId)
      return path
    },
    (path) => setWritten(path),
  )
  if (machine === null) return null
  if (job === undefined) {
    return (
      <>
        <May group="backup">
          <Button variant="default" leftSection={<DatabaseBackup size={14} />} loading={start.isBusy} onClick={() => start.run()}>
            {t`Back up…`}
          </Button>
        </May>
        <output className={styles.written}>
          {written !== null && t`${written.split('/').at(-1) ?? written} is written. It holds private keys too.`}
        </output>
      </>
    )
  }
  return (
    <div className={styles.job}>
      <JobBar job={job} />
      <Button variant="default" onClick={() => cancel.run(job.id)}>
        {t`Cancel`}
      </Button>
    </div>
  )
}
