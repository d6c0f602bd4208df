import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function jobHandlers(os: Operations, { jobs }: EngineParts) {
  return {
    list: os.jobs.list.handler(live([jobs.changes], () => jobs.list())),
    log: os.jobs.log.handler(({ input }) => jobs.log(input.id)),
    retry: os.jobs.retry.handler(({ input, context }) => ({ jobId: jobs.retry(input.id, context) })),
    cancel: os.jobs.cancel.handler(({ input }) => jobs.cancel(input.id)),
  }
}
