import { z } from 'zod'
import { sortKey } from '../fleet/sort-key.ts'
import type { Db } from './db.ts'

/** Values of an attribute that are the same in order, and how many devices have one of them. */
export interface ValueGroup {
  key: string
  ids: number[]
  deviceCount: number
}

/** A different value of an attribute; `value` is JSON. */
interface Value {
  id: number
  value: string
  key: string
  variant: string
}

interface GroupRow {
  key: string
  /** JSON. */
  ids: string
  deviceCount: number
}

/** So many letters in a row are found by an index. */
const RUN = 3
/** More of them are not needed to leave few values. */
const MAX_RUNS = 30

const VALUE = 'SELECT id, value, sort_key AS key, variant FROM attribute_value'
const GROUP = `
  SELECT sort_key AS key, json_group_array(id) AS ids,
    sum((SELECT count(*) FROM attribute INDEXED BY attribute_by_value WHERE value = v.id)) AS deviceCount FROM attribute_value v`
const toGroup = ({ key, ids, deviceCount }: GroupRow): ValueGroup => ({ key, ids: z.array(z.number()).parse(JSON.parse(ids)), deviceCount })

function prepare(db: Db) {
  return {
    selectName: db.prepare<[string, string], number>('SELECT id FROM attribute_name WHERE scope = ? AND name = ?').pluck(),
    selectBehind: db.prepare<[number, string, string, number], Value>(
      `${VALUE} WHERE name = ? AND (sort_key, variant) > (?, ?) ORDER BY sort_key, variant LIMIT ?`,
    ),
    selectAlike: db.prepare<[number, string], Value>(`${VALUE} WHERE name = ? AND sort_key = ?`),
    selectLists: db.prepare<[number], Value>(`${VALUE} INDEXED BY attribute_value_list WHERE name = ? AND value LIKE '[%'`),
    ascending: db.prepare<[number, string, number], GroupRow>(
      `${GROUP} WHERE name = ? AND sort_key > ? GROUP BY sort_key ORDER BY sort_key LIMIT ?`,
    ),
    descending: db.prepare<[number, string, number], GroupRow>(
      `${GROUP} WHERE name = ? AND sort_key < ? GROUP BY sort_key ORDER BY sort_key DESC LIMIT ?`,
    ),
    last: db.prepare<[number, number], GroupRow>(`${GROUP} WHERE name = ? GROUP BY sort_key ORDER BY sort_key DESC LIMIT ?`),
    selectRuns: db.prepare<[string], { id: number; value: string }>(`
    SELECT v.id, v.value FROM value_text CROSS JOIN attribute_value v ON v.id = value_text.rowid WHERE value_text MATCH ?`),
    selectAfter: db.prepare<[number, number], { id: number; value: string }>(
      'SELECT id, value FROM attribute_value WHERE id > ? ORDER BY id LIMIT ?',
    ),
    selectDevices: db
      .prepare<[string], number>(
        'SELECT device FROM attribute INDEXED BY attribute_by_value WHERE value IN (SELECT value FROM json_each(?))',
      )
      .pluck(),
    idBehind: db.prepare<[string, number], string>('SELECT id FROM device WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?').pluck(),
    idsBetween: db
      .prepare<[string, string, string], number>('SELECT number FROM device WHERE id > ? AND id <= ? AND instr(id, ?) > 0')
      .pluck(),
  }
}

/** The different values of attributes, by order and by text, and who has them. */
export function inventoryValues(db: Db) {
  const sql = prepare(db)
  return {
    /** The number of an attribute; null when no device has ever had it. */
    nameId: (scope: string, name: string): number | null => sql.selectName.get(scope, name) ?? null,
    /** Up to `limit` different values in their order, behind one (null: the first). */
    behind: (name: number, after: { key: string; variant: string } | null, limit: number): Value[] =>
      sql.selectBehind.all(name, after?.key ?? '', after?.variant ?? '', limit),
    /** Those that are this text, but for how it is written, or the same number. */
    alike: (name: number, text: string): Value[] => sql.selectAlike.all(name, sortKey(text).key),
    /** Those that are lists. */
    lists: (name: number): Value[] => sql.selectLists.all(name),
    /** Up to `limit` groups of devices with the same value, behind a key (null: the first). */
    groups(name: number, after: string | null, { isDescending, limit }: { isDescending: boolean; limit: number }): ValueGroup[] {
      const rows = isDescending
        ? after === null
          ? sql.last.all(name, limit)
          : sql.descending.all(name, after, limit)
        : sql.ascending.all(name, after ?? '', limit)
      return rows.map(toGroup)
    },
    /** Values (of any attribute) that may hold the lower-case text; null when it is too short to be looked up. */
    holding(text: string): { id: number; value: string }[] | null {
      const letters = Array.from(text)
      if (letters.length < RUN || text.includes('\u0000')) return null
      const runs = letters.slice(RUN - 1).map((_, index) => letters.slice(index, index + RUN).join(''))
      const quoted = [...new Set(runs)].slice(0, MAX_RUNS).map((run) => `"${run.replaceAll('"', '""')}"`)
      return sql.selectRuns.all(quoted.join(' AND '))
    },
    /** The next `limit` values of all attributes, behind a number. */
    after: (id: number, limit: number): { id: number; value: string }[] => sql.selectAfter.all(id, limit),
    /** Who has one of these values; a device that has two comes twice. */
    devicesWith: (values: readonly number[]): number[] => sql.selectDevices.all(JSON.stringify(values)),
    /** Of the next `size` device ids behind one the devices whose id holds the text, and where it goes on; null at the end. */
    idsHolding(text: string, { after, size }: { after: string; size: number }): { found: number[]; next: string | null } {
      const next = sql.idBehind.get(after, size - 1) ?? null
      return { found: sql.idsBetween.all(after, next ?? '\u{10ffff}', text), next }
    },
  }
}
