import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { HardDriveDownload } from 'lucide-react'
import { useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { finishJob } from '../../app/finish-job.ts'
import { useAction } from '../../app/use-action.ts'
import { Label } from '../../ui/chip.tsx'
import { CardComparison } from './card-comparison.tsx'
import styles from './flash.module.css'
import { useFlash } from './flash-state.ts'
import { JobProgress } from './job-progress.tsx'
import { fileName } from './partition-words.ts'

/** Reads a card into an image, and says whether it holds one. */
export function ReadCard({ path }: { path: string }) {
  const machine = useMachine()
  const { inspect } = useFlash()
  const [jobId, setJobId] = useState<string | null>(null)
  const [made, setMade] = useState<string | null>(null)
  const read = useAction(async (engine) => {
    const { path: to } = (await machine?.pickSavePath({ suggestedName: `${fileName(path).replace(/\.img$/, '')}.img.zst` })) ?? {
      path: null,
    }
    if (to === null) return
    setMade(null)
    try {
      const started = await engine.images.read({ path, to })
      setJobId(started.jobId)
      await finishJob(engine, started.jobId)
      setMade(to)
    } finally {
      setJobId(null)
    }
  })
  return (
    <section className={styles.section} aria-label={t`Read back`}>
      <Label>{t`Read back`}</Label>
      <p className={styles.line}>
        {t`As an image without free space, with a block map and a checksum beside it; a name that ends with .gz, .zst or .xz packs it.`}
      </p>
      {jobId === null ? (
        <Button variant="default" leftSection={<HardDriveDownload size={13} />} loading={read.isBusy} onClick={read.run}>
          {t`Read into an image…`}
        </Button>
      ) : (
        <JobProgress jobId={jobId} />
      )}
      {made !== null && (
        <p className={styles.line}>
          <output>{t`Read into ${made}.`} </output>
          <Button variant="default" onClick={() => inspect(made)}>
            {t`Look into it`}
          </Button>
        </p>
      )}
      <CardComparison card={path} />
    </section>
  )
}
