import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FilterTerm, filterOperator } from '../../contract/filters.ts'
import { deviceTestsOf } from './device-tests.ts'
import { BOUNDS, type Bounds } from './device-order.ts'
import { type Search, acceptedDevicesOf, fitsFilter, searchDevices } from './inventory-search.ts'
import { type Bench, openBench } from './management.cases.ts'
import { attributesOf } from './wire-management.ts'

const VALUES = ['1', '1.0', '01', '10', '9', 'v1.10', 'v1.9', '', 'a"b', 'Ä', '[', ['9', 'x'], ['v1.9'], [], null]
const WANTED = ['1', 10, 'v1.9', 'a"b', '[', '', 'x', '^v1', true, ['9', 'v1.9'], []]
const PAGE = { page: 1, perPage: 500, offset: 0 }

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
  VALUES.forEach((value, index) => {
    const { store } = bench.parts
    const id = bench.addDevice(`m${index}`, index % 5 === 4 ? 'pending' : 'accepted')
    if (value !== null) store.inventory.merge(id, [{ scope: 'inventory', name: 'x', value }], 1)
    store.inventory.merge(id, [{ scope: 'tags', name: 'half', value: index % 2 === 0 ? 'a' : 'b' }], 1)
    if (index % 3 === 0) store.devices.setGroup([id], index % 2 === 0 ? 'lab' : 'attic')
  })
})
afterEach(() => bench[Symbol.asyncDispose]())

/** What the rule for one device says of each. */
function expected(filters: readonly FilterTerm[]): string[] {
  const { store } = bench.parts
  return store.devices
    .list()
    .filter((device) => fitsFilter(attributesOf(device, store.inventory.ofDevice(device.id)), filters))
    .map(({ id }) => id)
}

async function search(filters: FilterTerm[], page = PAGE): Promise<{ ids: string[]; total: number }> {
  const { found, total } = await searchDevices(bench.parts, { ids: null, text: '', filters, sort: [], attributes: null }, page)
  return { ids: found.map(({ device }) => device.id), total }
}

const TERMS: FilterTerm[] = filterOperator.options.flatMap((type) =>
  WANTED.map((value) => ({ scope: 'inventory', attribute: 'x', type, value })),
)
const COLUMNS: FilterTerm[] = filterOperator.options.flatMap((type) => [
  { scope: 'identity', attribute: 'status', type, value: 'pending' },
  { scope: 'system', attribute: 'group', type, value: 'lab' },
  { scope: 'system', attribute: 'group', type, value: ['lab', 'attic'] },
])

describe('a search by the database', () => {
  it('finds what the rule for one device says, by every operator and value', async () => {
    for (const term of [...TERMS, ...COLUMNS]) {
      expect(await deviceTestsOf(bench.parts, [term])).not.toBeNull()
      const ids = expected([term])
      expect({ term, ...(await search([term])) }).toEqual({ term, ids, total: ids.length })
    }
  })

  it('finds it by two terms, page by page', async () => {
    const half: FilterTerm = { scope: 'tags', attribute: 'half', type: '$eq', value: 'a' }
    for (const term of [...TERMS, ...COLUMNS]) {
      const ids = expected([term, half])
      expect({ term, ...(await search([term, half], { page: 2, perPage: 2, offset: 2 })) }).toEqual({
        term,
        ids: ids.slice(2, 4),
        total: ids.length,
      })
    }
  })

  it('goes through all devices for what has no index', async () => {
    const term: FilterTerm = { scope: 'system', attribute: 'created_ts', type: '$exists', value: true }
    expect(await deviceTestsOf(bench.parts, [term])).toBeNull()
    expect((await search([term])).ids).toEqual(expected([term]))
  })
})

it('sorts numbers as numbers, what is equal by arrival, and keeps the page only', async () => {
  const sorted = async (order: 'asc' | 'desc', page = PAGE) => {
    const sort = [{ scope: 'inventory', attribute: 'x', order }]
    const { found, total } = await searchDevices(bench.parts, { ids: null, text: '', filters: [], sort, attributes: null }, page)
    expect(total).toBe(VALUES.length)
    return found.map(({ device }) => Number(String(device.identity['mac']).slice(1)))
  }
  const numbers = (indexes: number[]) => indexes.filter((index) => index < 5)
  expect(numbers(await sorted('asc'))).toEqual([0, 1, 2, 4, 3])
  expect(numbers(await sorted('desc'))).toEqual([3, 4, 0, 1, 2])
  expect(await sorted('asc', { page: 2, perPage: 4, offset: 4 })).toEqual((await sorted('asc')).slice(4, 8))
})

describe('a search with a text and an order', () => {
  const attributes = [
    ...['inventory/x', 'tags/half', 'identity/mac', 'identity/status', 'identity/id', 'inventory/nobody'],
    ...['system/group', 'system/created_ts', 'system/check_in_time'],
  ].map((path) => ({ scope: path.split('/')[0] ?? '', attribute: path.split('/')[1] ?? '' }))
  const anySort = fc.uniqueArray(fc.tuple(fc.constantFrom(...attributes), fc.constantFrom('asc', 'desc')), {
    maxLength: 3,
    selector: ([by]) => by,
  })
  const anyText = fc.constantFrom('', '', 'v1.', 'V1.10', '1', 'm1', 'acc', 'lab', 'ä', 'a"b', '9\nx', 'of m', 'nowhere', '-4')
  const anyFilter = fc.array(
    fc.constantFrom(...TERMS, ...COLUMNS, { scope: 'identity', attribute: 'mac', type: '$regex', value: '1' } as const),
    { maxLength: 2 },
  )
  const anyBounds = fc.constantFrom(
    BOUNDS,
    { gathered: 3, slice: 4, groups: 2, values: 2 },
    { gathered: 0, slice: 100, groups: 1, values: 0 },
  )

  it('finds the page that going through all devices finds, however few are handled at once', async () => {
    const { store } = bench.parts
    const all = store.devices.list().map(({ id }) => id)
    all.forEach((id, index) => store.lastSeen.set(id, { lastSeenAt: index % 4, lastPollAt: null, pollIntervalMs: null }))
    store.lastSeen.flush()
    const check = async (sort: Search['sort'], text: string, filters: FilterTerm[], [offset, bounds]: [number, Bounds]) => {
      const page = { page: 1, perPage: 5, offset }
      const told = async (ids: string[] | null) => {
        const { found, total } = await searchDevices(bench.parts, { ids, text, filters, sort, attributes: null }, page, bounds)
        return { total, macs: found.map(({ device }) => device.identity['mac']) }
      }
      expect(await told(null)).toEqual(await told(all))
    }
    await fc.assert(
      fc.asyncProperty(anySort, anyText, anyFilter, fc.tuple(fc.nat({ max: 14 }), anyBounds), (sort, ...rest) =>
        check(
          sort.map(([by, order]) => ({ ...by, order })),
          ...rest,
        ),
      ),
      { numRuns: 500 },
    )
  })
})

it('gives the accepted devices of a filter in order of arrival', () => {
  const filter: FilterTerm[] = [{ scope: 'tags', attribute: 'half', type: '$eq', value: 'a' }]
  const accepted = new Set(expected([{ scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' }]))
  expect(acceptedDevicesOf(bench.parts, filter).map(({ id }) => id)).toEqual(expected(filter).filter((id) => accepted.has(id)))
})
