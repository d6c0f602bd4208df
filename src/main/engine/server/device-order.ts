import { setImmediate as othersFirst } from 'node:timers/promises'
import type { DeviceTest } from '../store/device-test.ts'
import type { SortTerm } from '../store/inventory-sort.ts'
import type { ValueGroup } from '../store/inventory-values.ts'
import type { Store } from '../store/open.ts'

interface Parts {
  store: Store
  bounds: Bounds
}

/** How much is handled before polls get their turn: some ten milliseconds at most. */
export interface Bounds {
  /** Devices that are gathered and put in order at once. */
  gathered: number
  /** Devices that are looked at. */
  slice: number
  /** Different values that are looked at. */
  groups: number
  /** Of values that a device may have to pass: of more it is found by them, and not asked for each. */
  values: number
}

export const BOUNDS: Bounds = { gathered: 10_000, slice: 10_000, groups: 500, values: 2000 }

interface Range {
  offset: number
  limit: number
}

/** Which devices: all that pass the tests, or of those that are named by number, in order of arrival. */
export interface Selection {
  tests: DeviceTest[]
  numbers: number[] | null
}

/** Numbers of a page of the selected devices, in an order and else in that of arrival; and how many are selected. */
export async function devicesInOrder(
  parts: Parts,
  selection: Selection,
  terms: readonly SortTerm[],
  range: Range,
): Promise<{ page: number[]; total: number }> {
  const { tests } = selection
  const few = selection.numbers
    ? await passingOf(parts, selection.numbers, tests)
    : parts.store.inventoryQuery.gather(tests, parts.bounds.gathered)
  if (few) return { page: await sortGiven(parts, few, terms, range), total: few.length }
  const total = await countPassing(parts, tests)
  return { page: total <= range.offset ? [] : await walk(parts, tests, terms, range), total }
}

async function passingOf({ store, bounds }: Parts, numbers: readonly number[], tests: readonly DeviceTest[]): Promise<number[]> {
  if (tests.length === 0) return [...numbers]
  const passing: number[] = []
  for (const chunk of chunksOf(numbers, bounds.slice)) {
    for (const number of store.inventoryQuery.passing(tests, chunk)) passing.push(number)
    await othersFirst()
  }
  return passing
}

/** Of devices that are known, chunk by chunk; no more are kept than may be on the page or before it. */
async function sortGiven(
  { store, bounds }: Parts,
  numbers: readonly number[],
  terms: readonly SortTerm[],
  { offset, limit }: Range,
): Promise<number[]> {
  const end = offset + limit
  if (terms.length === 0) return numbers.slice(offset, end)
  let first: number[] = []
  for (const chunk of chunksOf(numbers, bounds.slice)) {
    const sorted = store.inventorySort.sorted(terms, chunk, end)
    first = first.length === 0 ? sorted : store.inventorySort.sorted(terms, [...first, ...sorted], end)
    await othersFirst()
  }
  return first.slice(offset, end)
}

function* chunksOf(numbers: readonly number[], size: number): Generator<number[]> {
  for (let start = 0; start < numbers.length; start += size) yield numbers.slice(start, start + size)
}

async function countPassing({ store, bounds }: Parts, tests: readonly DeviceTest[]): Promise<number> {
  const [test] = tests
  if (!test) return store.devices.count()
  if (tests.length === 1) return store.inventoryQuery.having(test)
  let count = 0
  for await (const slice of slicesOf({ store, bounds })) count += store.inventoryQuery.countIn(tests, slice)
  return count
}

async function* slicesOf({ store, bounds: { slice: size } }: Parts) {
  for (let slice = store.filling.nextSlice(0, size); slice; slice = store.filling.nextSlice(slice.upTo, size)) {
    yield slice
    await othersFirst()
  }
}

/** Too many to be gathered: only so many are read as the page needs, where there is an index for it. */
async function walk(parts: Parts, tests: readonly DeviceTest[], terms: readonly SortTerm[], range: Range): Promise<number[]> {
  const [term, ...others] = terms
  if (!term) return devicesPassing(parts, tests, range)
  if (term.by === 'created_at' && tests.length + others.length === 0) return parts.store.inventorySort.byAge(term.isDescending, range)
  if (typeof term.by === 'string') return sweep(parts, tests, terms, range)
  return walkValues(parts, { tests, name: term.by.name, isDescending: term.isDescending, others }, range)
}

/** Of those that pass, in order of arrival. */
export async function devicesPassing({ store, bounds }: Parts, tests: readonly DeviceTest[], { offset, limit }: Range): Promise<number[]> {
  const found: number[] = []
  let skip = offset
  for await (const slice of slicesOf({ store, bounds })) {
    const numbers = store.inventoryQuery.numbersIn(tests, slice, { offset: 0, limit: Math.min(bounds.slice, skip + limit - found.length) })
    found.push(...numbers.slice(skip))
    skip = Math.max(0, skip - numbers.length)
    if (found.length >= limit) return found
  }
  return found
}

/** Where nothing is in order already: all are looked at. */
async function sweep(
  { store, bounds }: Parts,
  tests: readonly DeviceTest[],
  terms: readonly SortTerm[],
  { offset, limit }: Range,
): Promise<number[]> {
  const end = offset + limit
  let first: number[] = []
  for await (const slice of slicesOf({ store, bounds })) {
    const sorted = store.inventorySort.sortedIn(terms, tests, { ...slice, limit: end })
    first = store.inventorySort.sorted(terms, [...first, ...sorted], end)
  }
  return first.slice(offset, end)
}

interface ValueWalk {
  tests: readonly DeviceTest[]
  name: number
  isDescending: boolean
  others: readonly SortTerm[]
}

/** Value by value of an attribute; within one value by the other terms. Devices without the attribute come last. */
async function walkValues(parts: Parts, { tests, name, isDescending, others }: ValueWalk, { offset, limit }: Range): Promise<number[]> {
  const found: number[] = []
  let [skip, after]: [number, string | null] = [offset, null]
  do {
    const groups = parts.store.inventoryValues.groups(name, after, { isDescending, limit: parts.bounds.groups })
    for (const group of groups) {
      const part = await groupPart(parts, { tests, name, group, others }, { offset: skip, limit: limit - found.length })
      found.push(...part.page)
      skip = Math.max(0, skip - part.size)
      if (found.length === limit) return found
    }
    after = groups.length === parts.bounds.groups ? (groups.at(-1)?.key ?? null) : null
    await othersFirst()
  } while (after !== null)
  const without: DeviceTest = { of: { name }, isNot: true, values: null }
  return [...found, ...(await walk(parts, [...tests, without], others, { offset: skip, limit: limit - found.length }))]
}

interface GroupPart extends Omit<ValueWalk, 'isDescending'> {
  group: ValueGroup
}

/** What a page wants of the devices that have one value, and how many of them there are. */
async function groupPart(parts: Parts, { tests, name, group, others }: GroupPart, range: Range): Promise<{ page: number[]; size: number }> {
  const { ids, deviceCount } = group
  if (tests.length === 0 && range.offset >= deviceCount) return { page: [], size: deviceCount }
  if (deviceCount <= parts.bounds.gathered) {
    const numbers = parts.store.inventoryQuery.withValue(ids, tests)
    return { page: range.offset >= numbers.length ? [] : await sortGiven(parts, numbers, others, range), size: numbers.length }
  }
  const inside: DeviceTest[] = [...tests, { of: { name }, isNot: false, values: ids }]
  const size = await countPassing(parts, inside)
  return { page: range.offset >= size ? [] : await walk(parts, inside, others, range), size }
}
