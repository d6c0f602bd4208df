import { z } from 'zod'

/** The database in a backup, and in the data folder. */
export const DATABASE = 'bench.db'

/** What provisioning remembers: numbers that were given, host keys that were pinned. Not there before the first run. */
export const LEDGER = 'provision.db'

/** Folders of the data folder whose files go into a backup whole. The virtual bench is not among them: it is set up anew in one step. */
export const FOLDERS = ['keys', 'tls'] as const

/** The last entry of a backup: a file that was cut off has none. */
export const CLOSING = 'backup.json'

/** What the last entry says: every file before it, with its SHA-256. */
export const closing = z.object({
  format: z.literal('ota-bench-backup'),
  version: z.literal(1),
  schemaVersion: z.number().int(),
  createdAt: z.number().int(),
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
})
export type Closing = z.infer<typeof closing>

const MEMBERS = [/^artifacts\/[\w-]+\.mender$/, /^recordings\/[\w-]+\.cast$/, /^(keys|tls)\/[\w-]+\.[a-z]+$/]

/** Whether a backup may hold a file of this name: nothing but what belongs into a data folder is unpacked. */
export function isMember(name: string): boolean {
  return name === DATABASE || name === LEDGER || MEMBERS.some((pattern) => pattern.test(name))
}
