import { type FilterTerm, compareNumerically, matches } from '../fleet/inventory-filter.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { Store } from '../store/open.ts'
import { type DeviceAttribute, attributesOf } from './wire-management.ts'

export interface Found {
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

/** The devices that meet every filter and hold the text in some attribute, sorted; with the attributes that were asked for. */
export function searchDevices({ store }: { store: Store }, search: Search): Found[] {
  const stored = store.inventory.byDevice()
  const devices = search.ids === null ? store.devices.list() : store.devices.byIds(search.ids)
  const found = devices
    .map((device) => ({ device, attributes: attributesOf(device, stored.get(device.id) ?? []) }))
    .filter(({ attributes }) => search.filters.every((term) => matches(term, valueOf(attributes, term))))
    .filter(({ attributes }) => hasText(attributes, search.text.toLowerCase()))
  for (const { scope, attribute, order } of search.sort.toReversed()) {
    const direction = order === 'desc' ? -1 : 1
    found.sort((a, b) => direction * compareNumerically(sortText(a, { scope, attribute }), sortText(b, { scope, attribute })))
  }
  const { attributes: wanted } = search
  if (wanted === null) return found
  const isWanted = ({ scope, name }: DeviceAttribute) => wanted.some((each) => each.scope === scope && each.attribute === name)
  return found.map(({ device, attributes }) => ({ device, attributes: attributes.filter(isWanted) }))
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
