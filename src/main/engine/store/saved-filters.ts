import { type DeviceFilter, deviceFilter } from '../../contract/filters.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, readJson } from './db.ts'

/** A group that is a filter. */
export interface SavedFilter {
  id: string
  name: string
  filter: DeviceFilter
  createdAt: number
}

interface FilterRow {
  name: string
  id: string
  terms: string
  created_at: number
}

function toFilter({ name, id, terms, created_at }: FilterRow): SavedFilter {
  return { id, name, filter: readJson(deviceFilter, terms, 'saved filter'), createdAt: created_at }
}

export function savedFilterTable(db: Db, changes: Changes) {
  const selectAll = db.prepare<[], FilterRow>('SELECT * FROM saved_filter ORDER BY name')
  const selectName = db.prepare<[string], FilterRow>('SELECT * FROM saved_filter WHERE name = ?')
  const selectId = db.prepare<[string], FilterRow>('SELECT * FROM saved_filter WHERE id = ?')
  const upsert = db.prepare<[string, string, string, number]>(
    'INSERT INTO saved_filter VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET terms = excluded.terms',
  )
  const remove = db.prepare<[string]>('DELETE FROM saved_filter WHERE name = ?')
  const read = (row: FilterRow | undefined): SavedFilter | null => (row ? toFilter(row) : null)
  return {
    list: (): SavedFilter[] => selectAll.all().map(toFilter),
    byName: (name: string) => read(selectName.get(name)),
    get: (id: string) => read(selectId.get(id)),
    /** A new one, or new terms for the one of that name. */
    set({ id, name, filter, createdAt }: SavedFilter): void {
      upsert.run(name, id, JSON.stringify(filter), createdAt)
      changes.bump()
    },
    /** Answers whether there was one. */
    remove(name: string): boolean {
      const isGone = remove.run(name).changes > 0
      changes.bump()
      return isGone
    },
  }
}
