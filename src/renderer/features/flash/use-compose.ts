import type { LayoutSource } from '@contract/compose.ts'
import { useState } from 'react'
import { finishJob } from '../../app/finish-job.ts'
import { useAction } from '../../app/use-action.ts'
import { useFlash } from './flash-state.ts'

/** Composes an image, which then is the chosen one. */
export function useCompose(onDone: () => void = () => undefined) {
  const [jobId, setJobId] = useState<string | null>(null)
  const { chooseImage } = useFlash()
  const { run: start, isBusy } = useAction(async (engine, layout: LayoutSource, output: string) => {
    try {
      const started = await engine.compose.write({ layout, output, hasBmap: true })
      setJobId(started.jobId)
      await finishJob(engine, started.jobId)
      chooseImage(output, layout)
      onDone()
    } finally {
      setJobId(null)
    }
  })
  return { start, isBusy, jobId }
}
