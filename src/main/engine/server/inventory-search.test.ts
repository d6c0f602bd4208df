import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FilterTerm, filterOperator } from '../../contract/filters.ts'
import { type Search, acceptedDevicesOf, fitsFilter, searchDevices } from './inventory-search.ts'
import { type Bench, openBench } from './management.cases.ts'
import { attributesOf, toTime } from './wire-management.ts'

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

describe('a search of all devices', () => {
  it('finds what the rule for one device says, by every operator and value', async () => {
    for (const term of [...TERMS, ...COLUMNS]) {
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

  it('finds by times, whatever they are compared with', async () => {
    const now = bench.parts.store.devices.list()[3]
    const texts = [
      toTime(now?.createdAt ?? 0),
      toTime((now?.createdAt ?? 0) + 1),
      '1970-01-01T00:00:00.001Z',
      '1970',
      '2',
      '1970-01-01T00:00:00.002Z',
      '00:00',
      '9',
      'x',
    ]
    for (const attribute of ['created_ts', 'updated_ts', 'check_in_time'])
      for (const type of filterOperator.options)
        for (const value of [...texts, texts, true]) {
          const term: FilterTerm = { scope: 'system', attribute, type, value }
          expect({ term, ids: (await search([term])).ids }).toEqual({ term, ids: expected([term]) })
        }
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
  const anySort = fc.uniqueArray(fc.record({ by: fc.constantFrom(...attributes), order: fc.constantFrom('asc', 'desc') }), {
    maxLength: 3,
    selector: ({ by }) => by,
  })
  const anyText = fc.constantFrom('', '', 'v1.', 'V1.10', '1', 'm1', 'acc', 'lab', 'ä', 'a"b', '9\nx', 'of m', 'nowhere', '-4')
  const ofIds = filterOperator.options.flatMap((type): FilterTerm[] => [
    { scope: 'identity', attribute: 'mac', type, value: 'm1' },
    { scope: 'identity', attribute: 'id', type, value: ['4', 'id of m2'] },
  ])
  const anyFilter = fc.array(fc.constantFrom(...TERMS, ...COLUMNS, ...ofIds), { maxLength: 2 })
  /** What may happen between two searches; `of` counts the devices. */
  const anyWrite = fc.record({
    of: fc.nat({ max: 30 }),
    what: fc.oneof(
      fc.record({
        value: fc.oneof(fc.constantFrom(...VALUES, undefined), fc.string({ unit: 'binary', maxLength: 4 }), fc.nat().map(String)),
      }),
      fc.record({ group: fc.constantFrom('lab', 'attic', 'shed', null) }),
      fc.record({ seenAt: fc.nat({ max: 5 }) }),
      fc.constantFrom('add', 'remove', 'rename', 'report'),
    ),
  })

  function write({ of, what }: typeof anyWrite extends fc.Arbitrary<infer T> ? T : never): void {
    const { store } = bench.parts
    const known = store.devices.list()
    const id = known[of % known.length]?.id
    if (what === 'add') return void bench.addDevice(`n${known.at(-1)?.number ?? 0}`, 'pending')
    if (id === undefined) return
    if (what === 'remove') return store.devices.remove(id)
    if (what === 'rename') return store.devices.rename(id, 'of m and v1.')
    if (what === 'report') return store.devices.setReported(id, { deviceType: 'board', artifactName: null, at: of })
    if ('group' in what) return void store.devices.setGroup([id], what.group)
    if ('seenAt' in what) {
      store.lastSeen.set(id, { lastSeenAt: what.seenAt, lastPollAt: null, pollIntervalMs: null })
      return store.lastSeen.flush()
    }
    const given = what.value === undefined || what.value === null ? [] : [{ scope: 'inventory', name: 'x', value: what.value }]
    store.inventory.replace(id, 'inventory', given, 1)
  }

  it('finds the page that trying all devices finds, whatever is written in between', async () => {
    expect.hasAssertions()
    const { store } = bench.parts
    const told = async (search: Omit<Search, 'attributes'>, offset: number) => {
      const { found, total } = await searchDevices(bench.parts, { ...search, attributes: null }, { page: 1, perPage: 5, offset })
      return { total, macs: found.map(({ device }) => device.identity['mac']) }
    }
    const anySearch = fc.record({
      sort: anySort,
      text: anyText,
      filters: anyFilter,
      offset: fc.nat({ max: 14 }),
      writes: fc.array(anyWrite, { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(anySearch, async ({ sort, text, filters, offset, writes }) => {
        writes.forEach(write)
        const search = { text, filters, sort: sort.map(({ by, order }) => ({ ...by, order })) }
        const ids = store.devices.list().map(({ id }) => id)
        if (ids.length > 0) expect(await told({ ids: null, ...search }, offset)).toEqual(await told({ ids, ...search }, offset))
      }),
      { numRuns: 1000 },
    )
  })
})

it('gives the accepted devices of a filter in order of arrival', () => {
  const filter: FilterTerm[] = [{ scope: 'tags', attribute: 'half', type: '$eq', value: 'a' }]
  const accepted = new Set(expected([{ scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' }]))
  expect(acceptedDevicesOf(bench.parts, filter).map(({ id }) => id)).toEqual(expected(filter).filter((id) => accepted.has(id)))
})
