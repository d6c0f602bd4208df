import { z } from 'zod'
import { failure } from './errors.ts'
import { ask, call, id, instant, live, nothing } from './operations.ts'

export const jobState = z.enum(['running', 'done', 'failed', 'cancelled'])

/** Long work, whatever its kind. `step` indexes `steps`; rates and time left are derived where they are drawn. */
export const job = z.object({
  id,
  kind: z.string(),
  title: z.string(),
  /** What jobs have in common that were started as one; null for a job of its own. */
  batch: z.string().nullable(),
  state: jobState,
  steps: z.array(z.string()),
  step: z.number().int(),
  progress: z.object({ done: z.number(), total: z.number().nullable(), unit: z.enum(['bytes', 'items']) }).nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  failure: failure.nullable(),
  /** It has ended without being done, and can be started again as it was. */
  canRetry: z.boolean(),
})
export type Job = z.infer<typeof job>
/** What outlives the process of it: whether it can be started again is known to the one alone that ran it. */
export type KeptJob = Omit<Job, 'canRetry'>

export const jobs = {
  list: live(nothing, z.array(job)),
  log: ask(z.object({ id }), z.array(z.string())),
  cancel: call(z.object({ id }), nothing),
  /** Starts an ended job again as it was; CONFLICT when it cannot be, as after a restart of the engine. Answers the new one's id. */
  retry: call(z.object({ id }), z.object({ jobId: id })),
}
