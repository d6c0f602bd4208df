import { randomBytes } from 'node:crypto'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { WebhookKind } from '../../contract/webhooks.ts'
import { countLost, delivered, failed, skipped } from '../fleet/webhook-delivery.ts'
import type { Clock } from '../host.ts'
import type { Store } from '../store/open.ts'
import type { StoredWebhook } from '../store/webhooks.ts'
import type { ActionParts } from './actions.ts'
import { messageOf, postMessage } from './webhook-post.ts'

const MAX_WEBHOOKS = 50
const LOOK_MS = 500
/** At most so many events go to one receiver at a time before the others have their turn. */
const BATCH = 100

/** Tells somebody of events from now on. Answers the secret that signs the messages. CONFLICT at the limit. */
export function addWebhook(
  { store, now, newId }: ActionParts,
  { url, kinds, secret }: { url: string; kinds: WebhookKind[]; secret: string | null },
): { id: string; secret: string } {
  if (store.webhooks.list().length >= MAX_WEBHOOKS)
    throw new AppError('CONFLICT', `There are ${MAX_WEBHOOKS} webhooks already`, 'Remove one first.')
  const made = { id: newId(), secret: secret ?? randomBytes(24).toString('base64url') }
  store.webhooks.add({ ...made, url, kinds, createdAt: now() })
  return made
}

interface Telling {
  store: Store
  clock: Clock
  onDefect: (error: AppError) => void
}

/** Tells of events until the signal aborts: each receiver in order and on its own, so that one that is slow holds up nobody. */
export async function tellWebhooks({ store, clock, onDefect }: Telling, signal: AbortSignal): Promise<void> {
  const busy = new Set<string>()
  const look = (): void => {
    for (const webhook of store.webhooks.list()) {
      if (busy.has(webhook.id) || webhook.retryAt > clock.now() || webhook.waitingCount === 0) continue
      busy.add(webhook.id)
      void tell({ store, clock, webhook, signal })
        .catch((thrown: unknown) => onDefect(toAppError(thrown)))
        .finally(() => busy.delete(webhook.id))
    }
    if (busy.size === 0) store.webhooks.clearSettled()
  }
  while (!signal.aborted) {
    try {
      look()
    } catch (thrown) {
      onDefect(toAppError(thrown))
    }
    // The only way out of this sleep is the abort that the loop looks for.
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}

async function tell({
  store,
  clock,
  webhook,
  signal,
}: Omit<Telling, 'onDefect'> & { webhook: StoredWebhook; signal: AbortSignal }): Promise<void> {
  let state = webhook
  for (let count = 0; count < BATCH && !signal.aborted; count += 1) {
    const event = store.webhooks.nextEvent(state.settledId)
    if (!event) break
    state = countLost(state, event.id)
    const isWanted = state.kinds.length === 0 || state.kinds.includes(event.kind)
    const error = isWanted ? (await postMessage(state, messageOf(event, store), { store, clock, signal })).error : ''
    if (signal.aborted) return
    state = !isWanted
      ? skipped(state, event.id)
      : error === ''
        ? delivered(state, event.id, clock.now())
        : failed(state, { eventId: event.id, error, now: clock.now() })
    store.webhooks.update(state)
    if (error !== '') return
  }
}
