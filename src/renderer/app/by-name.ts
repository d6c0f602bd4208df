import type { Device } from '@contract/devices.ts'

const byText = new Intl.Collator('en', { numeric: true })

interface Order {
  names: readonly string[]
  places: readonly number[]
}

/**
 * Puts devices, one time after another, in the order of their names. To sort is to compare thousands of texts, so an order stands until a name
 * comes, goes or changes.
 */
export function createNameOrder(): (devices: readonly Device[]) => Device[] {
  const held: { order: Order } = { order: { names: [], places: [] } }
  return (devices) => {
    const { names } = held.order
    const isAsBefore = devices.length === names.length && devices.every(({ name }, place) => name === names[place])
    if (!isAsBefore) held.order = orderOf(devices.map(({ name }) => name))
    return held.order.places.flatMap((place) => devices[place] ?? [])
  }
}

function orderOf(names: readonly string[]): Order {
  const places = names.map((name, place) => ({ name, place })).toSorted((one, other) => byText.compare(one.name, other.name))
  return { names, places: places.map(({ place }) => place) }
}
