import type { AuditEntry } from '../../contract/audit.ts'
import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'

/** Who ordered what, the newest last. Nothing changes an entry; old ones are forgotten. */
export function auditTable(db: Db, changes: Changes) {
  const insert = db.prepare(
    'INSERT INTO audit (at, actor, token, address, action, detail, outcome) VALUES (:at, :actor, :token, :address, :action, :detail, :outcome)',
  )
  const select = db.prepare<[number, string, string, number], AuditEntry>(
    `SELECT * FROM audit WHERE id < ? AND (? = '' OR instr(detail, ?) > 0) ORDER BY id DESC LIMIT ?`,
  )
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM audit')
  const prune = db.prepare<[number]>('DELETE FROM audit WHERE at < ?')
  return {
    append(entry: Omit<AuditEntry, 'id'>): void {
      insert.run(entry)
      changes.bump()
    },
    /** The newest first, of those before an id; with `text` only those that name it. */
    list({
      limit,
      before = Number.MAX_SAFE_INTEGER,
      text = '',
    }: {
      limit: number
      before?: number | undefined
      text?: string | undefined
    }): AuditEntry[] {
      return select.all(before, text, text, limit)
    },
    count: (): number => count.get()?.n ?? 0,
    prune: (at: number): number => prune.run(at).changes,
  }
}
