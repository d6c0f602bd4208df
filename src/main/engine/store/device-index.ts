import type { FilterTerm } from '../../contract/filters.ts'
import { extended, passingValues, type Passing } from '../fleet/column-filter.ts'
import { type SortKeys, pageInOrder } from '../fleet/device-sort.ts'
import { matcher } from '../fleet/inventory-filter.ts'
import { timeTest } from '../fleet/time-filter.ts'
import type { ValueColumn } from '../fleet/value-column.ts'
import { Recent } from '../lib/recent.ts'
import type { Db } from './db.ts'
import { type DeviceColumns, type DeviceNews, type TimeOf, deviceColumns } from './device-columns.ts'
import { type DeviceProfile, havingScope, profilesOf } from './device-profiles.ts'
import { deviceWords } from './device-words.ts'

export interface DeviceQuery {
  /** Every term has to hold. */
  filters: readonly FilterTerm[]
  /** That some attribute, the id, status or group has to hold, in any case of letters; empty: any. */
  text: string
  /** Devices that hold the text elsewhere. */
  alsoHolding: readonly number[]
  sort: readonly { scope: string; attribute: string; order: 'asc' | 'desc' }[]
  offset: number
  limit: number
  /** When given, all that are found are counted by their type, their artifact, whether they have an inventory, and these. */
  profilesBy?: readonly { scope: string; attribute: string }[]
}

export interface FoundDevices {
  /** Numbers of the page. */
  page: number[]
  total: number
  profiles: DeviceProfile[]
}

/** Conditions of which it is remembered which values of an attribute meet them: people page, and screens ask anew. */
const REMEMBERED = 8

const TIMES: Readonly<Record<string, TimeOf>> = {
  'system/created_ts': 'createdAt',
  'system/updated_ts': 'updatedAt',
  'system/check_in_time': 'lastSeenAt',
}

/** Searches all devices at once, in memory. */
export function deviceIndex(db: Db) {
  const columns = deviceColumns(db)
  const words = deviceWords(db, columns)
  const passing = remembered()
  const numbersOfIds = db
    .prepare<[string], [number, string]>('SELECT number, id FROM device WHERE id IN (SELECT value FROM json_each(?))')
    .raw()

  /** What each device has there; null: nobody has anything. */
  function columnOf(scope: string, attribute: string): ValueColumn | null {
    const path = `${scope}/${attribute}`
    if (path === 'identity/status') return columns.values('status')
    if (path === 'identity/id') return columns.ids()
    if (path === 'system/group') return columns.values('group')
    return scope === 'system' ? null : columns.attribute(scope, attribute)
  }

  function restrict(found: Uint8Array, term: FilterTerm): void {
    const times = TIMES[`${term.scope}/${term.attribute}`]
    if (times) return restrictByTime(found, columns.times(times), term)
    if (term.scope === 'identity' && term.attribute === 'id' && EQUALITIES.has(term.type)) return restrictToIds(found, term)
    const column = columnOf(term.scope, term.attribute)
    if (column) restrictByValue(found, column, passing(column, term))
    else if (!matcher(term)(undefined)) found.fill(0)
  }

  /** Looked up rather than gone through. */
  function restrictToIds(found: Uint8Array, term: FilterTerm): void {
    const test = matcher(term)
    const isNamed = !test(undefined)
    const named = new Set<number>()
    for (const [number] of numbersOfIds.iterate(JSON.stringify([term.value].flat().map(String)))) named.add(number)
    for (let device = 0; device < found.length; device += 1) if (named.has(device) !== isNamed) found[device] = 0
  }

  function find({ filters, text, alsoHolding, sort, offset, limit, profilesBy }: DeviceQuery): FoundDevices {
    const found = existing(columns)
    for (const term of filters.toSorted((a, b) => costOf(a) - costOf(b))) restrict(found, term)
    if (text !== '') words.restrict(found, text.toLowerCase(), alsoHolding)
    const devices = numbersIn(found)
    const keys = sort.flatMap((each) => sortKeysOf({ columns, columnOf }, each))
    const profiles = profilesBy ? profiled(devices, profilesBy) : []
    return { page: pageInOrder(devices, keys, { offset, limit }), total: devices.length, profiles }
  }

  function profiled(devices: Uint32Array, by: readonly { scope: string; attribute: string }[]): DeviceProfile[] {
    const given = by.flatMap(({ scope, attribute }) => columnOf(scope, attribute) ?? [])
    const always = [columns.values('deviceType'), columns.values('artifactName'), havingScope(columns, 'inventory', devices)]
    return profilesOf(devices, [...always, ...given])
  }

  return { follow: (news: DeviceNews): void => columns.follow(news), find, loadMore: (): boolean => columns.loadMore() }
}

export type DeviceIndex = ReturnType<typeof deviceIndex>

const EQUALITIES: ReadonlySet<string> = new Set(['$eq', '$in', '$ne', '$nin', '$ltne'])
/** What tries every value comes last. */
const costOf = ({ type }: FilterTerm): number => (type === '$regex' ? 1 : 0)

/** 1 for each device that there is, by its number. */
function existing(columns: DeviceColumns): Uint8Array {
  const { ofDevice } = columns.values('status')
  const found = new Uint8Array(ofDevice.length)
  for (let device = 0; device < found.length; device += 1) if (ofDevice[device] !== 0) found[device] = 1
  return found
}

function restrictByValue(found: Uint8Array, { ofDevice }: ValueColumn, passing: Passing): void {
  for (let device = 0; device < found.length; device += 1) if (passing[ofDevice[device] ?? 0] !== 1) found[device] = 0
}

function restrictByTime(found: Uint8Array, times: Float64Array, term: FilterTerm): void {
  const test = timeTest(term)
  for (let device = 0; device < found.length; device += 1) if (found[device] === 1 && !test(times[device] ?? Number.NaN)) found[device] = 0
}

function numbersIn(found: Uint8Array): Uint32Array {
  const numbers = new Uint32Array(found.length)
  let count = 0
  for (let device = 0; device < found.length; device += 1) if (found[device] === 1) numbers[count++] = device
  return numbers.subarray(0, count)
}

function remembered(): (column: ValueColumn, term: FilterTerm) => Passing {
  const byColumn = new WeakMap<ValueColumn, Recent<string, Passing>>()
  return (column, term) => {
    const known = byColumn.get(column) ?? new Recent<string, Passing>(REMEMBERED)
    byColumn.set(column, known)
    const key = JSON.stringify([term.type, term.value])
    const before = known.get(key)
    if (before?.length === column.values.length) return before
    const passing = before ? extended(before, column, term) : passingValues(column, term)
    known.set(key, passing)
    return passing
  }
}

interface Sources {
  columns: DeviceColumns
  columnOf: (scope: string, attribute: string) => ValueColumn | null
}

/** What nobody has puts nobody in order. */
function sortKeysOf({ columns, columnOf }: Sources, { scope, attribute, order }: DeviceQuery['sort'][number]): SortKeys[] {
  const isDescending = order === 'desc'
  const of = TIMES[`${scope}/${attribute}`]
  if (of) return [{ ...timeKeys(columns.times(of)), isDescending }]
  const column = columnOf(scope, attribute)
  if (!column) return []
  const { ofDevice, ranks, size } = column
  return [{ keyOf: (device) => ranks[ofDevice[device] ?? 0] || Number.NaN, max: size, isDescending }]
}

function timeKeys(times: Float64Array): Pick<SortKeys, 'keyOf' | 'max'> {
  let [first, last] = [Infinity, 0]
  for (const at of times) {
    if (at < first) first = at
    if (at > last) last = at
  }
  return { keyOf: (device) => (times[device] ?? Number.NaN) - first, max: Math.max(0, last - first) }
}
