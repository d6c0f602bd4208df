import type { AuditEntry, AuditFilter } from '../../contract/audit.ts'
import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'

interface AuditQuery {
  limit: number
  before: number
  since: number
  deviceId: string
  text: string
  isRefused: 0 | 1
}

/** Who ordered what, the newest last. Nothing changes an entry; old ones are forgotten. */
export function auditTable(db: Db, changes: Changes) {
  const insert = db.prepare(
    'INSERT INTO audit (at, actor, token, address, action, detail, outcome) VALUES (:at, :actor, :token, :address, :action, :detail, :outcome)',
  )
  const select = db.prepare<[AuditQuery], AuditEntry>(`
    SELECT * FROM audit WHERE id < :before AND at >= :since AND (:deviceId = '' OR instr(detail, :deviceId) > 0)
      AND (:isRefused = 0 OR outcome <> 'done')
      AND (:text = '' OR instr(lower(concat_ws(' ', actor, token, address, action, outcome, detail)), :text) > 0)
    ORDER BY id DESC LIMIT :limit`)
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM audit')
  const prune = db.prepare<[number]>('DELETE FROM audit WHERE at < ?')
  return {
    append(entry: Omit<AuditEntry, 'id'>): void {
      insert.run(entry)
      changes.bump()
    },
    /** The newest first, of those before an id. */
    list: ({
      limit,
      before,
      deviceId,
      text,
      isRefused,
      since,
    }: AuditFilter & { limit: number; before?: number | undefined }): AuditEntry[] =>
      select.all({
        ...{ limit, before: before ?? Number.MAX_SAFE_INTEGER, since: since ?? 0 },
        ...{ deviceId: deviceId ?? '', text: (text ?? '').trim().toLowerCase(), isRefused: isRefused ? 1 : 0 },
      }),
    count: (): number => count.get()?.n ?? 0,
    prune: (at: number): number => prune.run(at).changes,
  }
}
