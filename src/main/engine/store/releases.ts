import { z } from 'zod'
import type { Changes } from '../lib/changes.ts'
import { type Db, readJson } from './db.ts'

/** What people have written about a release: all artifacts of one name. */
export interface ReleaseNote {
  notes: string
  tags: string[]
  updatedAt: number
}

interface ReleaseRow {
  name: string
  notes: string
  tags: string
  updated_at: number
}

const NOTHING: ReleaseNote = { notes: '', tags: [], updatedAt: 0 }

function toNote(row: ReleaseRow): ReleaseNote {
  return { notes: row.notes, tags: readJson(z.array(z.string()), row.tags, 'release'), updatedAt: row.updated_at }
}

export function releaseTable(db: Db, changes: Changes) {
  const selectAll = db.prepare<[], ReleaseRow>('SELECT * FROM release ORDER BY name')
  const selectOne = db.prepare<[string], ReleaseRow>('SELECT * FROM release WHERE name = ?')
  const upsert = db.prepare<[string, string, string, number]>(`
    INSERT INTO release VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET notes = excluded.notes, tags = excluded.tags, updated_at = excluded.updated_at`)
  const remove = db.prepare<[string]>('DELETE FROM release WHERE name = ?')
  return {
    /** Empty for a release that nobody has written about. */
    get(name: string): ReleaseNote {
      const row = selectOne.get(name)
      return row ? toNote(row) : NOTHING
    },
    byName: (): Map<string, ReleaseNote> => new Map(selectAll.all().map((row) => [row.name, toNote(row)])),
    set(name: string, { notes, tags, updatedAt }: ReleaseNote): void {
      upsert.run(name, notes, JSON.stringify(tags), updatedAt)
      changes.bump()
    },
    remove(name: string): void {
      remove.run(name)
      changes.bump()
    },
  }
}
