import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { refuseCaller } from '../server/caller.ts'
import { live } from './live.ts'

const BACKUP = { name: 'backup.create', isRead: false, isLocal: true }

export function jobHandlers(os: Operations, { jobs }: EngineParts) {
  return {
    list: os.jobs.list.handler(live([jobs.changes], () => jobs.list())),
    log: os.jobs.log.handler(({ input }) => jobs.log(input.id)),
    retry: os.jobs.retry.handler(({ input, context }) => {
      // As much as it took to start it the first time.
      if (jobs.list().some(({ id, kind }) => id === input.id && kind === 'backup')) refuseCaller(context, BACKUP)
      return { jobId: jobs.retry(input.id, context) }
    }),
    cancel: os.jobs.cancel.handler(({ input }) => jobs.cancel(input.id)),
  }
}
