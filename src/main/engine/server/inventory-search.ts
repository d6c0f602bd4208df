import type { FilterTerm } from '../../contract/filters.ts'
import { matches } from '../fleet/inventory-filter.ts'
import { sortKey } from '../fleet/sort-key.ts'
import type { DeviceSlice } from '../store/deployment-filling.ts'
import type { StoredDevice } from '../store/devices.ts'
import { mayBeOfId } from '../store/device-words.ts'
import type { Store } from '../store/open.ts'
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
  /** Numbers of devices that hold the text elsewhere. */
  alsoHolding?: readonly number[]
  filters: FilterTerm[]
  sort: (AttributeName & { order: 'asc' | 'desc' })[]
  /** null: all of them. */
  attributes: AttributeName[] | null
}

/** How many devices are read at once. */
const SLICE = 2000

/**
 * One page of the devices that meet every filter and hold the text in some attribute, sorted, with the attributes that were asked
 * for; and how many there are in all.
 */
export async function searchDevices({ store }: { store: Store }, search: Search, page: Page): Promise<{ found: Found[]; total: number }> {
  const { found, total } = await (search.ids === null
    ? pageOfAll({ store }, search, page)
    : pageOfGiven({ store }, search.ids, { search, page }))
  return { found: found.map((each) => onlyWanted(each, search)), total }
}

const withAttributes =
  ({ store }: { store: Store }) =>
  (device: StoredDevice): Found => ({ device, attributes: attributesOf(device, store.inventory.ofDevice(device.id)) })

async function pageOfAll(
  { store }: { store: Store },
  { text, alsoHolding = [], filters, sort }: Search,
  { offset, perPage: limit }: Page,
): Promise<{ found: Found[]; total: number }> {
  const { page, total } = await store.search.find({ filters, text, alsoHolding, sort, offset, limit })
  return { found: store.devices.byNumbers(page).map(withAttributes({ store })), total }
}

/** Few, which are read and tried one by one. */
function pageOfGiven(
  { store }: { store: Store },
  ids: string[],
  { search, page }: { search: Search; page: Page },
): { found: Found[]; total: number } {
  const found = store.devices.byIds(ids).map(withAttributes({ store })).filter(fits(search)).toSorted(inOrder(search.sort))
  return { found: slicePage(found, page), total: found.length }
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

/** The text is looked for in everything but times, and in the id only where it may be a part of one. */
function hasText(attributes: readonly DeviceAttribute[], text: string): boolean {
  const isTime = ({ scope, name }: DeviceAttribute): boolean => scope === 'system' && name !== 'group'
  const isOtherId = ({ scope, name }: DeviceAttribute): boolean => scope === 'identity' && name === 'id' && !mayBeOfId(text)
  return (
    text === '' ||
    attributes
      .filter((each) => !isTime(each) && !isOtherId(each))
      .some(({ value }) => [value].flat().some((each) => each.toLowerCase().includes(text)))
  )
}
