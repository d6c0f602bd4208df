import { t } from '@lingui/core/macro'
import { AppError } from '@contract/errors.ts'
import type { Engine } from './connection.ts'

/** Waits for a job's end. Throws what it failed of, CANCELLED when it was cancelled, NOT_FOUND when there is no such job. */
export async function finishJob(engine: Engine, jobId: string): Promise<void> {
  for await (const jobs of await engine.jobs.list()) {
    const job = jobs.find((each) => each.id === jobId)
    if (job === undefined) throw new AppError('NOT_FOUND', t`There is no job ${jobId}`, t`It may have been swept from the history.`)
    if (job.state === 'done') return
    if (job.failure !== null) throw new AppError(job.failure.code, job.failure.message, job.failure.hint)
    if (job.state === 'cancelled') throw new AppError('CANCELLED', t`${job.title} was cancelled`)
  }
}
