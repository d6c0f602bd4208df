import { AppError } from '../../contract/errors.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { listDeliveries, retryDelivery, testWebhook } from '../server/webhook-post.ts'
import { addWebhook } from '../server/webhooks.ts'
import { live } from './live.ts'

export function webhookHandlers(os: Operations, { actions, changes, host, store }: EngineParts) {
  const posting = (signal: AbortSignal = new AbortController().signal) => ({ store, clock: host.clock, signal })
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
    deliveries: os.webhooks.deliveries.handler(live([changes.webhooks], ({ id }: { id: string }) => listDeliveries(id, store))),
    test: os.webhooks.test.handler(({ input, signal }) => testWebhook(input.id, posting(signal))),
    retry: os.webhooks.retry.handler(({ input, signal }) => retryDelivery(input, posting(signal))),
  }
}
