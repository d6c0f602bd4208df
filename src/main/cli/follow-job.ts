import { AppError } from '../contract/errors.ts'
import type { Job } from '../contract/jobs.ts'
import type { CliContext, EngineClient } from './context.ts'
import { until } from './live.ts'

/** Waits for the end of a job and says how far it is; its failure is thrown. Ctrl+C cancels it. */
export async function followJob(client: EngineClient, jobId: string, { out, signal }: Pick<CliContext, 'out' | 'signal'>): Promise<void> {
  const find = (jobs: readonly Job[]) => jobs.find(({ id }) => id === jobId)
  let told = ''
  const jobs = await until(
    client.jobs.list(undefined, { signal }),
    (all) => find(all)?.state !== 'running',
    (all) => {
      const job = find(all)
      const step = job?.steps[job.step] ?? ''
      if (step !== told && step !== '') out.note(step)
      told = step
      if (job?.progress?.total) out.progress(job.progress.done, job.progress.total, step)
    },
  ).catch(async (thrown: unknown) => {
    if (signal.aborted) await client.jobs.cancel({ id: jobId }).catch(() => undefined)
    throw thrown
  })
  const failure = find(jobs)?.failure
  if (failure) throw new AppError(failure.code, failure.message, failure.hint)
}
