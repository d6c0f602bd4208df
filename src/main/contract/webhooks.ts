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
const webhook = z.object({
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
}
