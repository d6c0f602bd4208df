import { setImmediate as othersFirst } from 'node:timers/promises'
import type { FilterTerm } from '../../contract/filters.ts'
import { matches } from '../fleet/inventory-filter.ts'
import { sortKey } from '../fleet/sort-key.ts'
import type { DeviceSlice } from '../store/deployment-filling.ts'
import type { DeviceTest } from '../store/device-test.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { SortTerm } from '../store/inventory-sort.ts'
import type { Store } from '../store/open.ts'
import { BOUNDS, type Bounds, devicesInOrder } from './device-order.ts'
import { deviceTestsOf } from './device-tests.ts'
import { devicesHolding, devicesWithMany } from './device-text.ts'
import { type DeviceAttribute, attributesOf } from './wire-management.ts'
import { type Page, slicePage } from './wire-paging.ts'

interface Found {
  device: StoredDevice
  attributes: DeviceAttribute[]
}

interface AttributeName {
  scope: string
  attribute: string
}

export interface Search {
  /** null: all devices. */
  ids: string[] | null
  /** Empty: any. */
  text: string
  filters: FilterTerm[]
  sort: (AttributeName & { order: 'asc' | 'desc' })[]
  /** null: all of them. */
  attributes: AttributeName[] | null
}

/** How many devices are looked at before polls get their turn. */
const SLICE = 2000

/**
 * One page of the devices that meet every filter and hold the text in some attribute, sorted, with the attributes that were asked
 * for; and how many there are in all. No more are read than the page needs, where there is an index for what is wanted; else all are gone
 * through slice by slice.
 */
export async function searchDevices(
  { store }: { store: Store },
  search: Search,
  page: Page,
  bounds = BOUNDS,
): Promise<{ found: Found[]; total: number }> {
  const { found, total } = await pageOf({ store, bounds }, search, page)
  return { found: found.map((each) => onlyWanted(each, search)), total }
}

async function pageOf(
  { store, bounds }: { store: Store; bounds: Bounds },
  search: Search,
  page: Page,
): Promise<{ found: Found[]; total: number }> {
  const { ids, text, filters, sort } = search
  const withAttributes = (device: StoredDevice) => ({ device, attributes: attributesOf(device, store.inventory.ofDevice(device.id)) })
  if (ids !== null) {
    const found = store.devices.byIds(ids).map(withAttributes).filter(fits(search)).toSorted(inOrder(sort))
    return { found: slicePage(found, page), total: found.length }
  }
  const tests = await deviceTestsOf({ store }, filters)
  if (!tests) return scan({ store }, search, page)
  const isLong = ({ of, values }: DeviceTest): boolean => typeof of === 'object' && values !== null && values.length > bounds.values
  const holding = text === '' ? null : await devicesHolding({ store, bounds }, text)
  const numbers = await devicesWithMany({ store, bounds }, tests.filter(isLong), holding)
  const range = { offset: page.offset, limit: page.perPage }
  const { page: found, total } = await devicesInOrder(
    { store, bounds },
    { tests: tests.filter((test) => !isLong(test)), numbers },
    sortTermsOf({ store }, sort),
    range,
  )
  return { found: store.devices.byNumbers(found).map(withAttributes), total }
}

const COLUMNS: Readonly<Record<string, Exclude<SortTerm['by'], object>>> = {
  ...{ 'identity/status': 'status', 'identity/id': 'id', 'system/group': 'group_name' },
  ...{ 'system/created_ts': 'created_at', 'system/updated_ts': 'updated_at', 'system/check_in_time': 'last_seen_at' },
}

/** What nobody has puts nobody in order. */
function sortTermsOf({ store }: { store: Store }, sort: Search['sort']): SortTerm[] {
  return sort.flatMap(({ scope, attribute, order }): SortTerm[] => {
    const isDescending = order === 'desc'
    const by = COLUMNS[`${scope}/${attribute}`]
    const name = by ? null : store.inventoryValues.nameId(scope, attribute)
    return by ? [{ by, isDescending }] : name === null ? [] : [{ by: { name }, isDescending }]
  })
}

/** Goes through all devices. Keeps no more than what may still be on the page or before it. */
async function scan({ store }: { store: Store }, search: Search, page: Page): Promise<{ found: Found[]; total: number }> {
  const order = inOrder(search.sort)
  let [first, total]: [Found[], number] = [[], 0]
  for (let slice = store.filling.nextSlice(0, SLICE); slice; slice = store.filling.nextSlice(slice.upTo, SLICE)) {
    const found = foundIn({ store }, slice).filter(fits(search))
    total += found.length
    first = [...first, ...found].toSorted(order).slice(0, page.offset + page.perPage)
    await othersFirst()
  }
  return { found: slicePage(first, page), total }
}

function foundIn({ store }: { store: Store }, slice: DeviceSlice): Found[] {
  const stored = store.inventory.inSlice(slice)
  return store.devices.inSlice(slice).map((device) => ({ device, attributes: attributesOf(device, stored.get(device.id) ?? []) }))
}

function fits({ filters, text }: Search): (found: Found) => boolean {
  const wanted = text.toLowerCase()
  return ({ attributes }) => fitsFilter(attributes, filters) && hasText(attributes, wanted)
}

/** By the first attribute that differs, else in order of arrival; devices without it come last. */
function inOrder(sort: Search['sort']): (a: Found, b: Found) => number {
  return (a, b) => {
    for (const { order, ...by } of sort) {
      const [keyA, keyB] = [valueOf(a.attributes, by), valueOf(b.attributes, by)].map((value) =>
        value === undefined ? null : sortKey(value).key,
      )
      if (keyA === keyB || keyA === undefined || keyB === undefined) continue
      if (keyA === null || keyB === null) return keyA === null ? 1 : -1
      return keyA < keyB === (order === 'asc') ? -1 : 1
    }
    return byArrival(a.device, b.device)
  }
}

function byArrival(a: StoredDevice, b: StoredDevice): number {
  return a.number - b.number
}

/** Whether every term of the filter holds for a device with these attributes. */
export function fitsFilter(attributes: readonly DeviceAttribute[], filter: readonly FilterTerm[]): boolean {
  return filter.every((term) => matches(term, valueOf(attributes, term)))
}

/** Of the accepted devices those that fit the filter. */
export function searchAccepted(filter: readonly FilterTerm[]): Search {
  const accepted: FilterTerm = { scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' }
  return { ids: null, text: '', filters: [...filter, accepted], sort: [], attributes: null }
}

/** The accepted devices that fit the filter now, in order of arrival. */
export function acceptedDevicesOf({ store }: { store: Store }, filter: readonly FilterTerm[]): StoredDevice[] {
  const devices: StoredDevice[] = []
  for (let slice = store.filling.nextSlice(0, SLICE); slice; slice = store.filling.nextSlice(slice.upTo, SLICE))
    devices.push(...acceptedIn({ store }, filter, slice))
  return devices.toSorted(byArrival)
}

/** Of a slice of the devices, the accepted ones that fit the filter. */
export function acceptedIn({ store }: { store: Store }, filter: readonly FilterTerm[], slice: DeviceSlice): StoredDevice[] {
  return foundIn({ store }, slice)
    .filter(({ device, attributes }) => device.status === 'accepted' && fitsFilter(attributes, filter))
    .map(({ device }) => device)
}

function onlyWanted({ device, attributes }: Found, { attributes: wanted }: Search): Found {
  if (wanted === null) return { device, attributes }
  const isWanted = ({ scope, name }: DeviceAttribute) => wanted.some((each) => each.scope === scope && each.attribute === name)
  return { device, attributes: attributes.filter(isWanted) }
}

function valueOf(attributes: readonly DeviceAttribute[], { scope, attribute }: AttributeName): string | string[] | undefined {
  return attributes.find((each) => each.scope === scope && each.name === attribute)?.value
}

/** The text is looked for in everything but times. */
function hasText(attributes: readonly DeviceAttribute[], text: string): boolean {
  const isTime = ({ scope, name }: DeviceAttribute): boolean => scope === 'system' && name !== 'group'
  return (
    text === '' ||
    attributes.filter((each) => !isTime(each)).some(({ value }) => [value].flat().some((each) => each.toLowerCase().includes(text)))
  )
}
