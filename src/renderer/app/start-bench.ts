import type { Engine } from './connection.ts'
import { finishJob } from './finish-job.ts'

/** Starts the virtual bench, or completes it; done when its boards run and its artifacts are in the library. */
export async function startBench(engine: Engine): Promise<void> {
  const { jobId } = await engine.simulated.start()
  await finishJob(engine, jobId)
}
