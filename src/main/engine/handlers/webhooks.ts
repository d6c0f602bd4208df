import { AppError } from '../../contract/errors.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { addWebhook } from '../server/webhooks.ts'
import { live } from './live.ts'

export function webhookHandlers(os: Operations, { actions, changes, store }: EngineParts) {
  const list = () =>
    store.webhooks.list().map(({ id, url, kinds, createdAt, waitingCount, droppedCount, deliveredAt, lastError }) => ({
      ...{ id, url, kinds, createdAt, waitingCount, droppedCount, deliveredAt, lastError },
    }))
  return {
    list: os.webhooks.list.handler(live([changes.webhooks], list)),
    add: os.webhooks.add.handler(({ input }) => addWebhook(actions, input)),
    remove: os.webhooks.remove.handler(({ input }) => {
      if (!store.webhooks.remove(input.id)) throw new AppError('NOT_FOUND', `There is no webhook ${input.id}`, 'See the list of webhooks.')
    }),
  }
}
