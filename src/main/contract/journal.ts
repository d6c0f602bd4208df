import { z } from 'zod'
import { instant } from './operations.ts'

/** How a service of the Mender client is, in systemd's own words. */
export const serviceState = z.object({
  /** `mender-updated`. */
  unit: z.string(),
  /** `active`, `failed`. */
  active: z.string(),
  /** `running`, `exited`. */
  sub: z.string(),
  /** `success`, `exit-code`, `signal`. */
  result: z.string(),
  /** null while it does not run. */
  pid: z.number().int().nullable(),
  /** Since when it is so, by this machine's clock; null when it has not been started since the board did. */
  since: instant.nullable(),
})
export type ServiceState = z.infer<typeof serviceState>

/** What is followed of a board. */
export const journalFacts = z.object({
  /** The log file, where the board keeps no journal. */
  file: z.string().nullable(),
  /** Those that the board has; null where no systemd tells, or has not told yet. */
  services: z.array(serviceState).nullable(),
})
export type JournalFacts = z.infer<typeof journalFacts>

/** `active (running), PID 312`, `failed (exit-code)`. */
export function serviceText({ active, sub, result, pid }: ServiceState): string {
  const detail = active === 'failed' ? result : sub
  return `${active}${detail === '' || detail === active ? '' : ` (${detail})`}${pid === null ? '' : `, PID ${pid}`}`
}
