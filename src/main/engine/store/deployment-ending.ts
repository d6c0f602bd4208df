import type { Changes } from '../lib/changes.ts'
import { type Db, toBit } from './db.ts'
import { idOfDevice } from './device-numbers.ts'

/** How a deployment is ended on the devices that have not finished. */
export interface Ending {
  why: string
  /** Whether those that have begun go on. */
  sparesBegun: boolean
}

interface Slice {
  id: string
  after: number
  upTo: number
}

const UNFINISHED = `
  device_deployment.deployment_id = :id AND device > :after AND device <= :upTo AND finished_at IS NULL
  AND (status = 'pending' OR NOT (SELECT ending_spares_begun FROM deployment WHERE id = :id))`

/** Ends deployments on so many devices that it is done slice by slice; what an end of the process has cut short goes on at the next start. */
export function deploymentEnding(db: Db, changes: Changes) {
  const begin = db.prepare<[string, 0 | 1, string]>('UPDATE deployment SET ending_why = ?, ending_spares_begun = ? WHERE id = ?')
  const selectOne = db.prepare<[string], { why: string; sparesBegun: 0 | 1 }>(
    'SELECT ending_why AS why, ending_spares_begun AS sparesBegun FROM deployment WHERE id = ? AND ending_why IS NOT NULL',
  )
  const selectAll = db.prepare<[], string>('SELECT id FROM deployment WHERE ending_why IS NOT NULL').pluck()
  const bound = db
    .prepare<[string, number, number], number>(
      'SELECT device FROM device_deployment WHERE deployment_id = ? AND device > ? ORDER BY device LIMIT 1 OFFSET ?',
    )
    .pluck()
  const begun = db
    .prepare<Slice, string>(`SELECT ${idOfDevice('device')} FROM device_deployment WHERE ${UNFINISHED} AND admitted_at IS NOT NULL`)
    .pluck()
  const end = db.prepare<Slice & { at: number }>(`
    UPDATE device_deployment SET status = 'aborted', finished_at = :at, explanation = (SELECT ending_why FROM deployment WHERE id = :id)
    WHERE ${UNFINISHED}`)
  const settle = db.prepare<[string]>('UPDATE deployment SET ending_why = NULL WHERE id = ?')
  return {
    begin(id: string, { why, sparesBegun }: Ending): void {
      begin.run(why, toBit(sparesBegun), id)
      changes.bump()
    },
    /** How it is being ended; null when it is not. */
    of(id: string): Ending | null {
      const row = selectOne.get(id)
      return row ? { why: row.why, sparesBegun: row.sparesBegun === 1 } : null
    },
    /** Those that are being ended. */
    all: (): string[] => selectAll.all(),
    /** Ends it on the next `size` devices; answers who of them had begun, and where to go on: null when all are through. */
    next(id: string, { after, size, at }: { after: number; size: number; at: number }): { begun: string[]; next: number | null } {
      const last = bound.get(id, after, size - 1) ?? null
      const slice = { id, after, upTo: last ?? Number.MAX_SAFE_INTEGER }
      const ended = begun.all(slice)
      end.run({ ...slice, at })
      if (last === null) settle.run(id)
      changes.bump()
      return { begun: ended, next: last }
    },
  }
}
