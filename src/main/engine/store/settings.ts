import type { z } from 'zod'
import type { Changes } from '../lib/changes.ts'
import { type Db, readJson } from './db.ts'

/** Named values of any JSON shape; who reads one brings its schema. */
export function settingTable(db: Db, changes: Changes) {
  const select = db.prepare<[string], { value: string }>('SELECT value FROM setting WHERE name = ?')
  const upsert = db.prepare<[string, string]>('INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const remove = db.prepare<[string]>('DELETE FROM setting WHERE name = ?')
  return {
    /** null when it was never set. */
    get<S extends z.ZodType>(name: string, schema: S): z.output<S> | null {
      const row = select.get(name)
      return row ? readJson(schema, row.value, `setting ${name}`) : null
    },
    set(name: string, value: unknown): void {
      upsert.run(name, JSON.stringify(value))
      changes.bump()
    },
    remove(name: string): void {
      remove.run(name)
      changes.bump()
    },
  }
}
