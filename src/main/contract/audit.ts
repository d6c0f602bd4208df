import { z } from 'zod'
import { id, instant, live } from './operations.ts'

/** One thing that somebody ordered. */
export const auditEntry = z.object({
  id: z.number().int(),
  at: instant,
  /** The user, or `this machine` for the app and the command line on the data folder. */
  actor: z.string(),
  /** By which token, empty for a session. */
  token: z.string(),
  /** From which address; empty on this machine. */
  address: z.string(),
  /** The operation of the contract, or method and path of the management API. */
  action: z.string(),
  /** What it was ordered with, as JSON, without secrets; cut where it is long. */
  detail: z.string(),
  /** `done`, or why it was refused. */
  outcome: z.string(),
})
export type AuditEntry = z.infer<typeof auditEntry>

/** Which entries; without anything all of them. */
export const auditFilter = z.object({
  /** Only those that name this device. */
  deviceId: id.optional(),
  /** In any field, upper and lower case alike. */
  text: z.string().max(200).default(''),
  /** Only what was refused or failed. */
  isRefused: z.boolean().default(false),
  /** From when on. */
  since: instant.optional(),
})
export type AuditFilter = z.input<typeof auditFilter>

export const audit = {
  /** The newest first; `before` is the id of the last one that is known. */
  list: live(
    auditFilter.extend({ limit: z.number().int().min(1).max(500).default(100), before: z.number().int().optional() }),
    z.array(auditEntry),
  ),
}
