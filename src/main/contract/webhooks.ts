import { z } from 'zod'
import { call, id, instant, live, nothing } from './operations.ts'

/** What may be told of. */
export const webhookKind = z.enum([
  'device-status',
  'device-new-key',
  'device-silent',
  'deployment-created',
  'deployment-device-status',
  'deployment-finished',
])
export type WebhookKind = z.infer<typeof webhookKind>

/** Somebody who is told by HTTP POST. The secret, with which each message is signed, is not shown again. */
export const webhook = z.object({
  id,
  url: z.string(),
  /** Empty: of everything. */
  kinds: z.array(webhookKind),
  createdAt: instant,
  /** Events that are still to be told. */
  waitingCount: z.number().int(),
  /** Events that were given up: too many waited, or they could not be told for minutes. */
  droppedCount: z.number().int(),
  deliveredAt: instant.nullable(),
  /** Why the last try failed; empty when it did not. */
  lastError: z.string(),
})
export type Webhook = z.infer<typeof webhook>

/** `test`: sent when somebody asked for it. */
export const deliveryKind = z.enum([...webhookKind.options, 'test'])
export type DeliveryKind = z.infer<typeof deliveryKind>

/** One try to tell somebody, and what came of it. */
export const webhookDelivery = z.object({
  id: z.number().int(),
  at: instant,
  kind: deliveryKind,
  /** Of whom and what it tells, as `virt-01 accepted`. */
  about: z.string(),
  /** The message, as it was sent. */
  body: z.string(),
  tookMs: z.number().int(),
  /** Of HTTP; null when nobody answered. */
  status: z.number().int().nullable(),
  /** Why it was not taken; empty when it was. */
  error: z.string(),
  /** It was not taken, and will be tried again by itself. */
  isWaiting: z.boolean(),
})
export type WebhookDelivery = z.infer<typeof webhookDelivery>

export const webhooks = {
  list: live(nothing, z.array(webhook)),
  /** Answers the secret this once; it is made when none is given. */
  add: call(
    z.object({
      url: z.url({ protocol: /^https?$/ }).max(2000),
      kinds: z.array(webhookKind).default([]),
      secret: z.string().min(8).max(200).nullable().default(null),
    }),
    z.object({ id, secret: z.string() }),
  ),
  remove: call(z.object({ id }), nothing),
  /** The last tries, the newest first. */
  deliveries: live(z.object({ id }), z.array(webhookDelivery)),
  /** Sends a message that says it is a test, now, and answers what came of it. */
  test: call(z.object({ id }), webhookDelivery),
  /** Sends a message again: at once when it waits to be, else as it was. */
  retry: call(z.object({ id, deliveryId: z.number().int() }), nothing),
}
