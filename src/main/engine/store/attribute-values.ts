import { type SortKey, sortKey } from '../fleet/sort-key.ts'
import type { Db } from './db.ts'
import type { Attribute } from './inventory.ts'

/** What a value (JSON) is put in order by, and told from others. */
export const valueKey = (value: string): SortKey => sortKey(JSON.parse(value))

/** What is looked through for a text, in lower case. */
export const valueWords = (value: string): string => [JSON.parse(value)].flat().map(String).join('\n').toLowerCase()

/** Writes attributes of devices; each different value is kept once, with what it is found by. */
export function attributeWriter(db: Db) {
  const selectName = db.prepare<[string, string], number>('SELECT id FROM attribute_name WHERE scope = ? AND name = ?').pluck()
  const insertName = db.prepare<[string, string]>('INSERT INTO attribute_name (scope, name) VALUES (?, ?)')
  const selectValue = db
    .prepare<[number, string, string], number>('SELECT id FROM attribute_value WHERE name = ? AND sort_key = ? AND variant = ?')
    .pluck()
  const insertValue = db.prepare<[number, string, string, string]>(
    'INSERT INTO attribute_value (name, value, sort_key, variant) VALUES (?, ?, ?, ?)',
  )
  const insertWords = db.prepare<[number, string]>('INSERT INTO value_text (rowid, words) VALUES (?, ?)')
  const upsert = db.prepare<[number, number, number, number]>(`
    INSERT INTO attribute VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`)

  function valueId(name: number, value: string): number {
    const { key, variant } = valueKey(value)
    const known = selectValue.get(name, key, variant)
    if (known !== undefined) return known
    const id = Number(insertValue.run(name, value, key, variant).lastInsertRowid)
    insertWords.run(id, valueWords(value))
    return id
  }

  return {
    /** One attribute of the device with this number; in a transaction. */
    set(device: number, { scope, name, value }: Attribute, at: number): void {
      const nameId = selectName.get(scope, name) ?? Number(insertName.run(scope, name).lastInsertRowid)
      upsert.run(device, nameId, valueId(nameId, JSON.stringify(value)), at)
    },
  }
}

export type AttributeWriter = ReturnType<typeof attributeWriter>
