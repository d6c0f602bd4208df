import type { FilterTerm } from '../../contract/filters.ts'
import { compareNumerically, matches } from '../fleet/inventory-filter.ts'
import type { DeviceSlice } from '../store/deployment-filling.ts'
import type { StoredDevice } from '../store/devices.ts'
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
  filters: FilterTerm[]
  sort: (AttributeName & { order: 'asc' | 'desc' })[]
  /** null: all of them. */
  attributes: AttributeName[] | null
}

/**
 * One page of the devices that meet every filter and hold the text in some attribute, sorted, with the attributes that were asked
 * for; and how many there are in all. A plain list reads its page only.
 */
export function searchDevices({ store }: { store: Store }, search: Search, page: Page): { found: Found[]; total: number } {
  const { ids, text, filters, sort } = search
  if (ids === null && text === '' && filters.length === 0 && sort.length === 0) {
    const devices = store.devices.page({ offset: page.offset, limit: page.perPage })
    const found = devices.map((device) => ({ device, attributes: attributesOf(device, store.inventory.ofDevice(device.id)) }))
    return { found: found.map((each) => onlyWanted(each, search)), total: store.devices.count() }
  }
  const found = allFitting({ store }, search)
  return { found: slicePage(found, page).map((each) => onlyWanted(each, search)), total: found.length }
}

function allFitting({ store }: { store: Store }, { ids, text, filters, sort }: Search): Found[] {
  const stored = store.inventory.byDevice()
  const devices = ids === null ? store.devices.list() : store.devices.byIds(ids)
  const found = devices
    .map((device) => ({ device, attributes: attributesOf(device, stored.get(device.id) ?? []) }))
    .filter(({ attributes }) => fitsFilter(attributes, filters))
    .filter(({ attributes }) => hasText(attributes, text.toLowerCase()))
  for (const { scope, attribute, order } of sort.toReversed()) {
    const direction = order === 'desc' ? -1 : 1
    found.sort((a, b) => direction * compareNumerically(sortText(a, { scope, attribute }), sortText(b, { scope, attribute })))
  }
  return found
}

/** Whether every term of the filter holds for a device with these attributes. */
export function fitsFilter(attributes: readonly DeviceAttribute[], filter: readonly FilterTerm[]): boolean {
  return filter.every((term) => matches(term, valueOf(attributes, term)))
}

/** The accepted devices that fit the filter now. */
export function acceptedDevicesOf({ store }: { store: Store }, filter: readonly FilterTerm[]): StoredDevice[] {
  const search = { ids: null, text: '', filters: [...filter], sort: [], attributes: null }
  return allFitting({ store }, search)
    .map(({ device }) => device)
    .filter(({ status }) => status === 'accepted')
}

/** Of a slice of the devices, the accepted ones that fit the filter. */
export function acceptedIn({ store }: { store: Store }, filter: readonly FilterTerm[], slice: DeviceSlice): StoredDevice[] {
  const stored = store.inventory.inSlice(slice)
  return store.devices
    .inSlice(slice)
    .filter((device) => device.status === 'accepted' && fitsFilter(attributesOf(device, stored.get(device.id) ?? []), filter))
}

function onlyWanted({ device, attributes }: Found, { attributes: wanted }: Search): Found {
  if (wanted === null) return { device, attributes }
  const isWanted = ({ scope, name }: DeviceAttribute) => wanted.some((each) => each.scope === scope && each.attribute === name)
  return { device, attributes: attributes.filter(isWanted) }
}

function valueOf(attributes: readonly DeviceAttribute[], { scope, attribute }: AttributeName): string | string[] | undefined {
  return attributes.find((each) => each.scope === scope && each.name === attribute)?.value
}

function sortText({ attributes }: Found, by: AttributeName): string {
  return [valueOf(attributes, by) ?? ''].flat().join(', ')
}

function hasText(attributes: readonly DeviceAttribute[], text: string): boolean {
  return text === '' || attributes.some(({ value }) => [value].flat().some((each) => each.toLowerCase().includes(text)))
}
