import type { AuditEntry } from './audit.ts'
import { csvText } from './csv.ts'

/** How the log leaves the bench. */
export const AUDIT_FORMATS = ['csv', 'json'] as const
export type AuditFormat = (typeof AUDIT_FORMATS)[number]

const COLUMNS = ['id', 'time', 'actor', 'token', 'address', 'action', 'outcome', 'detail'] as const

/** The entries as CSV (RFC 4180, with a header) or as a JSON array; times are ISO 8601 in both. */
export function auditText(entries: readonly AuditEntry[], format: AuditFormat): string {
  const rows = entries.map(({ at, ...entry }) => ({ ...entry, time: new Date(at).toISOString() }))
  if (format === 'json') return `${JSON.stringify(rows, null, 1)}\n`
  return csvText(
    COLUMNS,
    rows.map((row) => Object.fromEntries(COLUMNS.map((name) => [name, String(row[name])]))),
  )
}

/** Every entry that fits, the newest first, page by page; `read` answers those before an id. */
export async function allEntries(read: (before: number | undefined, limit: number) => Promise<AuditEntry[]>): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for (;;) {
    const page = await read(entries.at(-1)?.id, PAGE)
    entries.push(...page)
    if (page.length < PAGE) return entries
  }
}

const PAGE = 500
