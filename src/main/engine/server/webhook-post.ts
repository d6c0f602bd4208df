import { createHmac } from 'node:crypto'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { DeliveryKind, WebhookDelivery } from '../../contract/webhooks.ts'
import type { Clock } from '../host.ts'
import type { Store } from '../store/open.ts'
import type { StoredDelivery } from '../store/webhook-deliveries.ts'
import type { StoredWebhook } from '../store/webhooks.ts'
import { aboutEvent, eventJson, testJson } from './wire-webhooks.ts'

const TIMEOUT_MS = 10_000

/** What is told, and of what. */
export interface Message {
  /** null for a test. */
  eventId: number | null
  kind: DeliveryKind
  about: string
  body: string
}

interface PostParts {
  store: Store
  clock: Clock
  signal: AbortSignal
}

/** Sends a message once and notes what came of it, as long as the signal has not aborted. */
export async function postMessage(
  { id: webhookId, url, secret }: Pick<StoredWebhook, 'id' | 'url' | 'secret'>,
  message: Message,
  { store, clock, signal }: PostParts,
): Promise<StoredDelivery> {
  const at = clock.now()
  const outcome = await post({ url, secret }, message.body, signal)
  const delivery = { ...message, ...outcome, webhookId, at, tookMs: clock.now() - at }
  return { ...delivery, id: signal.aborted ? 0 : store.webhookDeliveries.add(delivery) }
}

/** The status of the answer, and why that means that it was not taken. The signature is that of Mender's webhooks: HMAC-SHA256 over the body, in hex. */
async function post(
  { url, secret }: Pick<StoredWebhook, 'url' | 'secret'>,
  body: string,
  signal: AbortSignal,
): Promise<Pick<StoredDelivery, 'status' | 'error'>> {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  try {
    const answer = await fetch(url, {
      ...{ method: 'POST', body, redirect: 'error', signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) },
      headers: { 'content-type': 'application/json', 'x-men-signature': signature },
    })
    await answer.body?.cancel()
    return { status: answer.status, error: answer.ok ? '' : `It answered with HTTP status ${answer.status}` }
  } catch (thrown) {
    const reason = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : toAppError(thrown).message
    return { status: null, error: `It could not be reached: ${reason}` }
  }
}

/** The message of an event, as it is now known. */
export function messageOf(event: Parameters<typeof eventJson>[0], store: Store): Message {
  return { eventId: event.id, kind: event.kind, about: aboutEvent(event, store), body: JSON.stringify(eventJson(event, store)) }
}

/** Sends a message that says it is a test. NOT_FOUND when there is no such webhook. */
export async function testWebhook(id: string, parts: PostParts): Promise<WebhookDelivery> {
  const webhook = findWebhook(id, parts.store)
  const body = JSON.stringify(testJson(parts.clock.now()))
  return deliveryView(await postMessage(webhook, { eventId: null, kind: 'test', about: 'a test', body }, parts), webhook)
}

/** Sends a message again: one that waits is due at once, any other goes out as it was. NOT_FOUND when it is no longer kept. */
export async function retryDelivery({ id, deliveryId }: { id: string; deliveryId: number }, parts: PostParts): Promise<void> {
  const { store } = parts
  const webhook = findWebhook(id, store)
  const delivery = store.webhookDeliveries.get(deliveryId)
  if (delivery?.webhookId !== id)
    throw new AppError('NOT_FOUND', `There is no delivery ${deliveryId}`, 'Only the last ones of a webhook are kept.')
  if (isWaiting(delivery, webhook)) return store.webhooks.update({ ...webhook, retryAt: 0 })
  const { eventId, kind, about, body } = delivery
  await postMessage(webhook, { eventId, kind, about, body }, parts)
}

/** The last tries to tell a webhook. NOT_FOUND when there is none. */
export function listDeliveries(id: string, store: Store): WebhookDelivery[] {
  const webhook = findWebhook(id, store)
  return store.webhookDeliveries.ofWebhook(id).map((delivery) => deliveryView(delivery, webhook))
}

function deliveryView(delivery: StoredDelivery, webhook: StoredWebhook): WebhookDelivery {
  const { id, at, kind, about, body, tookMs, status, error } = delivery
  return { id, at, kind, about, body, tookMs, status, error, isWaiting: isWaiting(delivery, webhook) }
}

function isWaiting({ eventId, error }: StoredDelivery, { settledId }: StoredWebhook): boolean {
  return error !== '' && eventId !== null && eventId > settledId
}

function findWebhook(id: string, store: Store): StoredWebhook {
  const webhook = store.webhooks.list().find((each) => each.id === id)
  if (!webhook) throw new AppError('NOT_FOUND', `There is no webhook ${id}`, 'See the list of webhooks.')
  return webhook
}
