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
})
export type Job = z.infer<typeof job>

export const jobs = {
  list: live(nothing, z.array(job)),
  log: ask(z.object({ id }), z.array(z.string())),
  cancel: call(z.object({ id }), nothing),
}
