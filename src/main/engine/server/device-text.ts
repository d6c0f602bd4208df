import { setImmediate as othersFirst } from 'node:timers/promises'
import { authStatus } from '../../contract/devices.ts'
import type { DeviceTest } from '../store/device-test.ts'
import type { Store } from '../store/open.ts'
import { type Bounds, devicesPassing } from './device-order.ts'

/** How many values are looked at before others get their turn. */
const BATCH = 2000
/** How many ids of devices. */
const IDS = 20_000

/**
 * Which devices hold the text, in any case of letters, in their identity, their id, status or group, or in an attribute; their numbers,
 * in order of arrival.
 */
export async function devicesHolding({ store, bounds }: { store: Store; bounds: Bounds }, text: string): Promise<number[]> {
  const wanted = text.toLowerCase()
  const { add, numbers } = numberSet({ store })
  await addWithValues({ store }, await valuesHolding({ store }, wanted), add)
  for (const test of wordsHolding({ store }, wanted)) add(await devicesPassing({ store, bounds }, [test], { offset: 0, limit: Infinity }))
  // Ids are UUIDs.
  for (let after: string | null = /^[0-9a-f-]+$/.test(wanted) ? '' : null; after !== null; await othersFirst()) {
    const part: { found: number[]; next: string | null } = store.inventoryValues.idsHolding(wanted, { after, size: IDS })
    add(part.found)
    after = part.next
  }
  return numbers()
}

/** Devices by number: one byte each, as there may be many, and some are found more than once. */
function numberSet({ store }: { store: Store }) {
  const found = new Uint8Array(store.devices.lastNumber() + 1)
  return {
    add(numbers: readonly number[]): void {
      for (const number of numbers) found[number] = 1
    },
    has: (number: number): boolean => found[number] === 1,
    /** In order of arrival. */
    numbers(): number[] {
      const numbers: number[] = []
      for (let number = found.indexOf(1); number >= 0; number = found.indexOf(1, number + 1)) numbers.push(number)
      return numbers
    },
  }
}

async function addWithValues({ store }: { store: Store }, values: readonly number[], add: (numbers: readonly number[]) => void) {
  for (let start = 0; start < values.length; start += BATCH) {
    add(store.inventoryValues.devicesWith(values.slice(start, start + BATCH)))
    await othersFirst()
  }
}

/** Which of the given devices (null: of all) pass tests of so many values that the database would have to be told of them again and again. */
export async function devicesWithMany(
  { store, bounds }: { store: Store; bounds: Bounds },
  tests: readonly DeviceTest[],
  given: readonly number[] | null,
): Promise<number[] | null> {
  let numbers = given
  for (const { isNot, values } of tests) {
    const found = numberSet({ store })
    await addWithValues({ store }, (values ?? []).map(Number), found.add)
    if (numbers === null && !isNot) numbers = found.numbers()
    else {
      const all: readonly number[] = numbers ?? (await devicesPassing({ store, bounds }, [], { offset: 0, limit: Infinity }))
      numbers = all.filter((number) => found.has(number) !== isNot)
    }
  }
  return numbers && [...numbers]
}

/** Numbers of the values of attributes that hold it. */
async function valuesHolding({ store: { inventoryValues } }: { store: Store }, wanted: string): Promise<number[]> {
  const holds = ({ value }: { value: string }): boolean =>
    [JSON.parse(value)].flat().some((each) => String(each).toLowerCase().includes(wanted))
  const maybe = inventoryValues.holding(wanted)
  if (maybe) return maybe.filter(holds).map(({ id }) => id)
  const found: number[] = []
  for (let batch = inventoryValues.after(0, BATCH); batch.length > 0; batch = inventoryValues.after(batch.at(-1)?.id ?? 0, BATCH)) {
    for (const each of batch) if (holds(each)) found.push(each.id)
    await othersFirst()
  }
  return found
}

function wordsHolding({ store }: { store: Store }, wanted: string): DeviceTest[] {
  const statuses = authStatus.options.filter((status) => status.includes(wanted))
  const groups = [...store.devices.groups().keys()].filter((group) => group.toLowerCase().includes(wanted))
  const tests: DeviceTest[] = [
    { of: 'status', isNot: false, values: statuses },
    { of: 'group_name', isNot: false, values: groups },
  ]
  return tests.filter(({ values }) => values?.length)
}
