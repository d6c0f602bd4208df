import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { PackageOpen } from 'lucide-react'
import { useState } from 'react'
import { finishJob } from '../../app/finish-job.ts'
import { useAction } from '../../app/use-action.ts'
import { Empty } from '../../ui/empty.tsx'
import { JobProgress } from './job-progress.tsx'

interface PackedImageProps {
  path: string
  format: string
  onUnpacked: () => void
}

/** An image that cannot be looked into as it lies. */
export function PackedImage({ path, format, onUnpacked }: PackedImageProps) {
  const [jobId, setJobId] = useState<string | null>(null)
  const unpack = useAction(async (engine) => {
    try {
      const started = await engine.images.unpack({ path })
      setJobId(started.jobId)
      await finishJob(engine, started.jobId)
      onUnpacked()
    } finally {
      setJobId(null)
    }
  })
  return (
    <Empty
      icon={PackageOpen}
      title={t`It is packed with ${format}`}
      text={t`It can be flashed as it is. To look into it, the bench unpacks a copy, which is removed afterwards.`}
    >
      {jobId === null ? (
        <Button loading={unpack.isBusy} onClick={unpack.run}>
          {t`Unpack a copy`}
        </Button>
      ) : (
        <JobProgress jobId={jobId} />
      )}
    </Empty>
  )
}
