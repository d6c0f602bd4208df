import type { AttributeValue } from '../fleet/inventory-filter.ts'
import type { ValueColumn } from '../fleet/value-column.ts'
import type { Db } from './db.ts'
import type { DeviceColumns } from './device-columns.ts'

/** So many letters in a row are found by an index. */
const RUN = 3
/** More of them are not needed to leave few values. */
const MAX_RUNS = 30
/** When the index finds more values, going through all of them in memory is quicker than asking who has these. */
const FEW = 3000

/** Ids are UUIDs, and random: fewer letters are in one of ten of them, and tell nothing. */
export const mayBeOfId = (text: string): boolean => text.length >= RUN && /^[0-9a-f-]+$/.test(text)

/** Which devices hold a text, in any case of letters, in their identity, their id, status or group, or in an attribute. */
export function deviceWords(db: Db, columns: DeviceColumns) {
  const selectRuns = db.prepare<[string, number], [number, string]>(`
    SELECT v.id, v.value FROM value_text CROSS JOIN attribute_value v ON v.id = value_text.rowid WHERE value_text MATCH ? LIMIT ?`)
  const selectDevices = db
    .prepare<[string], number>('SELECT device FROM attribute INDEXED BY attribute_by_value WHERE value IN (SELECT value FROM json_each(?))')
    .pluck()
  const selectIds = db
    .prepare<[string], number>('SELECT number FROM device INDEXED BY sqlite_autoindex_device_1 WHERE instr(id, ?) > 0')
    .pluck()

  /** Values of any attribute that hold the text; null when the index cannot tell, or has too many. */
  function few(text: string): number[] | null {
    const query = runsOf(text)
    if (query === null) return null
    const rows = selectRuns.raw().all(query, FEW + 1)
    return rows.length > FEW ? null : rows.filter(([, value]) => holds(JSON.parse(value), text)).map(([id]) => id)
  }

  return {
    /** Leaves of the devices those that hold the lower-case text, and those that do elsewhere. */
    restrict(found: Uint8Array, text: string, elsewhere: readonly number[]): void {
      const holding = new Uint8Array(found.length)
      const add = (device: number): void => void (holding[device] = 1)
      elsewhere.forEach(add)
      for (const part of ['status', 'group'] as const) addHolding(holding, columns.values(part), text)
      const values = few(text)
      if (values) for (const device of selectDevices.all(JSON.stringify(values))) add(device)
      else for (const column of columns.all()) addHolding(holding, column, text)
      if (mayBeOfId(text)) for (const device of selectIds.all(text)) add(device)
      for (let device = 0; device < found.length; device += 1) if (holding[device] !== 1) found[device] = 0
    },
  }
}

function runsOf(text: string): string | null {
  const letters = Array.from(text)
  if (letters.length < RUN || text.includes('\u0000')) return null
  const runs = letters.slice(RUN - 1).map((_, index) => letters.slice(index, index + RUN).join(''))
  return [...new Set(runs)]
    .slice(0, MAX_RUNS)
    .map((run) => `"${run.replaceAll('"', '""')}"`)
    .join(' AND ')
}

function holds(value: AttributeValue, text: string): boolean {
  return typeof value === 'string' ? value.toLowerCase().includes(text) : value.some((each) => each.toLowerCase().includes(text))
}

function addHolding(holding: Uint8Array, { values, ofDevice }: ValueColumn, text: string): void {
  const has = new Uint8Array(values.length)
  values.forEach((value, ordinal) => {
    if (value !== undefined && holds(value, text)) has[ordinal] = 1
  })
  for (let device = 0; device < ofDevice.length; device += 1) if (has[ofDevice[device] ?? 0] === 1) holding[device] = 1
}
