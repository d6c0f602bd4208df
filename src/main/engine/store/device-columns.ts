import { ValueColumn, grownTimes } from '../fleet/value-column.ts'
import type { AttributeValue } from '../fleet/inventory-filter.ts'
import { z } from 'zod'
import { type Db, readJson } from './db.ts'

/** What has changed since somebody last looked. */
export interface DeviceNews {
  /** Numbers of devices; null: any may have. */
  changed: readonly number[] | null
  /** When devices were last heard, by their numbers. */
  seen: readonly (readonly [number, number | null])[]
}

const VALUES = { status: 'status', group: 'group_name', deviceType: 'device_type', artifactName: 'artifact_name' } as const
const TIMES = { createdAt: 'created_at', updatedAt: 'updated_at', lastSeenAt: 'last_seen_at' } as const
export type ValueOf = keyof typeof VALUES
export type TimeOf = keyof typeof TIMES

type BaseRow = [number, ...(string | number | null)[]]

/** So many different values are held; attributes that were searched longest ago make room for others. */
const MAX_VALUES = 6_000_000
const COLUMNS = [...Object.values(VALUES), ...Object.values(TIMES)].map((column) => `device.${column}`).join(', ')
const value = z.union([z.string(), z.array(z.string())])

function toValue(json: string): AttributeValue {
  const parsed: unknown = JSON.parse(json)
  return typeof parsed === 'string' ? parsed : readJson(value, json, 'attribute')
}

function prepare(db: Db) {
  return {
    base: db.prepare<[], BaseRow>(`SELECT number, ${COLUMNS} FROM device`).raw(),
    someOfBase: db
      .prepare<[string], BaseRow>(`SELECT number, ${COLUMNS} FROM json_each(?) wanted CROSS JOIN device ON device.number = wanted.value`)
      .raw(),
    someOfAttributes: db
      .prepare<[string], [number, number, string]>(`
        SELECT a.device, a.name, v.value FROM json_each(?) wanted CROSS JOIN attribute a ON a.device = wanted.value
          JOIN attribute_value v ON v.id = a.value`)
      .raw(),
    ofName: db
      .prepare<[number], [string, string, number | string]>(`
        SELECT v.value, v.sort_key, iif(count(*) = 1, min(a.device), json_group_array(a.device))
        FROM attribute_value v INDEXED BY attribute_value_by_key CROSS JOIN attribute a INDEXED BY attribute_by_value ON a.value = v.id
        WHERE v.name = ? GROUP BY v.sort_key, v.variant ORDER BY v.sort_key, v.variant`)
      .raw(),
    last: db.prepare<[], number | null>('SELECT max(number) FROM device').pluck(),
    names: db.prepare<[], number>('SELECT id FROM attribute_name WHERE device_count > 0').pluck(),
    namesOfScope: db.prepare<[string], number>('SELECT id FROM attribute_name WHERE device_count > 0 AND scope = ?').pluck(),
    nameId: db.prepare<[string, string], number>('SELECT id FROM attribute_name WHERE scope = ? AND name = ?').pluck(),
    ids: db.prepare<[], [number, string]>('SELECT number, id FROM device').raw(),
  }
}

type Statements = ReturnType<typeof prepare>

interface Base {
  values: Record<ValueOf, ValueColumn>
  times: Record<TimeOf, Float64Array<ArrayBuffer>>
}

interface Loaded {
  column: ValueColumn
  /** How many values it had when it was loaded: those that nobody has any longer stay until there are too many. */
  loadedSize: number
}

/** The columns that were used last, as many as there is room for. */
function heldAttributes(sql: Statements) {
  const held = new Map<number, Loaded>()
  const heldSize = (): number => [...held.values()].reduce((sum, { column }) => sum + column.size, 0)

  function makeRoom(): void {
    let size = heldSize()
    for (const [name, { column }] of held) {
      if (size <= MAX_VALUES || held.size === 1) return
      held.delete(name)
      size -= column.size
    }
  }

  return {
    /** The one used last stands last. */
    get(name: number): ValueColumn {
      const known = held.get(name)
      const column = known?.column ?? loadAttribute(sql, name)
      held.delete(name)
      held.set(name, known ?? { column, loadedSize: column.size })
      if (!known) makeRoom()
      return column
    },
    /** One that is not held yet, as long as there is room; null when there is none. */
    missing: (): number | null => (heldSize() > MAX_VALUES / 2 ? null : (sql.names.all().find((name) => !held.has(name)) ?? null)),
    follow(changed: Changed): void {
      followAttributes(sql, held, changed)
      for (const [name, { column, loadedSize }] of held) if (column.size > 2000 + loadedSize * 1.25) held.delete(name)
    },
    clear: (): void => held.clear(),
  }
}

/** All devices by what they are and say, attribute by attribute, as they are in the database after the news. */
export function deviceColumns(db: Db) {
  const sql = prepare(db)
  const attributes = heldAttributes(sql)
  const state: { base: Base | null; ids: ValueColumn | null } = { base: null, ids: null }

  function base(): Base {
    state.base ??= loadBase(sql)
    return state.base
  }

  function follow({ changed, seen }: DeviceNews): void {
    if (!state.base) return
    if (changed === null) {
      attributes.clear()
      Object.assign(state, { base: null, ids: null })
      return
    }
    for (const [number, at] of seen) putTime(state.base.times, 'lastSeenAt', { number, at })
    if (changed.length === 0) return
    const numbers = JSON.stringify(changed)
    followBase(sql, state.base, { changed, numbers })
    attributes.follow({ changed, numbers })
    state.ids = null
  }

  return {
    follow,
    values: (of: ValueOf): ValueColumn => base().values[of],
    times: (of: TimeOf): Float64Array => base().times[of],
    attribute(scope: string, name: string): ValueColumn | null {
      const id = sql.nameId.get(scope, name)
      return id === undefined ? null : attributes.get(id)
    },
    /** Of the devices themselves. */
    ids: (): ValueColumn => (state.ids ??= loadIds(sql)),
    /** Every attribute that some device has, one after the other. */
    *all(): Generator<ValueColumn> {
      for (const name of sql.names.all()) yield attributes.get(name)
    },
    *ofScope(scope: string): Generator<ValueColumn> {
      for (const name of sql.namesOfScope.all(scope)) yield attributes.get(name)
    },
    /** Loads something that is likely to be wanted; answers whether there is more. */
    loadMore(): boolean {
      if (!state.base) return base() !== null
      const name = attributes.missing()
      if (name !== null) attributes.get(name)
      return name !== null
    },
  }
}

export type DeviceColumns = ReturnType<typeof deviceColumns>

/** For the devices that there are, and some more. */
const roomNeeded = ({ last }: Statements): number => Math.ceil((last.get() ?? 0) * 1.02) + 16

function loadBase(sql: Statements): Base {
  const room = roomNeeded(sql)
  const column = (): ValueColumn => new ValueColumn(room)
  const times = (): Float64Array<ArrayBuffer> => grownTimes(new Float64Array(0), room)
  const base: Base = {
    values: { status: column(), group: column(), deviceType: column(), artifactName: column() },
    times: { createdAt: times(), updatedAt: times(), lastSeenAt: times() },
  }
  for (const row of sql.base.iterate()) putBase(base, row)
  for (const column of Object.values(base.values)) column.settle()
  return base
}

function putBase({ values, times }: Base, row: BaseRow): void {
  const [number] = row
  for (const [index, part] of VALUE_NAMES.entries()) {
    const text = row[1 + index]
    values[part].set(number, typeof text === 'string' ? text : undefined)
  }
  for (const [index, part] of TIME_NAMES.entries()) {
    const time = row[1 + VALUE_NAMES.length + index]
    putTime(times, part, { number, at: typeof time === 'number' ? time : null })
  }
}

const VALUE_NAMES: readonly ValueOf[] = ['status', 'group', 'deviceType', 'artifactName']
const TIME_NAMES: readonly TimeOf[] = ['createdAt', 'updatedAt', 'lastSeenAt']

function putTime(times: Base['times'], part: TimeOf, { number, at }: { number: number; at: number | null }): void {
  times[part] = grownTimes(times[part], number + 1)
  times[part][number] = at ?? Number.NaN
}

function loadAttribute(sql: Statements, name: number): ValueColumn {
  const column = new ValueColumn(roomNeeded(sql))
  const ties = new Set<number>()
  let [before, isInOrder] = ['', true]
  for (const [json, key, devices] of sql.ofName.iterate(name)) {
    const ordinal = column.add(toValue(json))
    if (key === before) ties.add(ordinal)
    // SQLite's order of texts is another one for letters beyond U+FFFF.
    if (key < before) isInOrder = false
    before = key
    if (typeof devices === 'number') column.put(devices, ordinal)
    else for (const device of numbers(devices)) column.put(device, ordinal)
  }
  if (isInOrder) column.ordered(ties)
  else column.settle(ordinalsOf(column))
  return column
}

const numbers = (json: string): number[] => z.array(z.number()).parse(JSON.parse(json))

function loadIds(sql: Statements): ValueColumn {
  const column = new ValueColumn(roomNeeded(sql))
  for (const [number, id] of sql.ids.iterate()) column.put(number, column.add(id))
  column.settle(ordinalsOf(column))
  return column
}

const ordinalsOf = ({ size }: ValueColumn): number[] => Array.from({ length: size }, (_, index) => index + 1)

interface Changed {
  changed: readonly number[]
  /** The same as JSON. */
  numbers: string
}

function followBase({ someOfBase }: Statements, base: Base, { changed, numbers: wanted }: Changed): void {
  const gone = new Set(changed)
  for (const row of someOfBase.iterate(wanted)) {
    putBase(base, row)
    gone.delete(row[0])
  }
  for (const number of gone) putBase(base, [number])
  for (const part of VALUE_NAMES) base.values[part].settle()
}

function followAttributes(
  { someOfAttributes }: Statements,
  attributes: ReadonlyMap<number, Loaded>,
  { changed, numbers: wanted }: Changed,
): void {
  const found = new Map<number, Map<number, string>>()
  for (const [device, name, json] of someOfAttributes.iterate(wanted)) {
    const ofName = found.get(name) ?? new Map<number, string>()
    found.set(name, ofName.set(device, json))
  }
  for (const [name, { column }] of attributes) {
    const ofName = found.get(name)
    for (const device of changed) {
      const json = ofName?.get(device)
      column.set(device, json === undefined ? undefined : toValue(json))
    }
    column.settle()
  }
}
