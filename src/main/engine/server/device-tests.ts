import { setImmediate as othersFirst } from 'node:timers/promises'
import { authStatus } from '../../contract/devices.ts'
import type { FilterTerm } from '../../contract/filters.ts'
import { isNumber, matches } from '../fleet/inventory-filter.ts'
import type { DeviceTest } from '../store/device-test.ts'
import type { Store } from '../store/open.ts'

/** How many different values of an attribute are looked at before others get their turn. */
const BATCH = 2000
const EQUALITIES: ReadonlySet<string> = new Set(['$eq', '$in', '$ne', '$nin', '$ltne'])
/** Counts as nothing. */
const EMPTY_LIST = '[]'
/** Longer numbers are the same as others beside them. */
const EXACT_DIGITS = 15

/** The terms as tests that the database can make; null when one is about something that has no index. */
export async function deviceTestsOf({ store }: { store: Store }, terms: readonly FilterTerm[]): Promise<DeviceTest[] | null> {
  const tests: DeviceTest[] = []
  for (const term of terms) {
    const test = await testOf({ store }, term)
    if (!test) return null
    tests.push(test)
  }
  return tests
}

async function testOf({ store }: { store: Store }, term: FilterTerm): Promise<DeviceTest | null> {
  const { scope, attribute: name } = term
  if (scope === 'identity' && name === 'status') return among(term, 'status', authStatus.options)
  if (scope === 'system' && name === 'group') return among(term, 'group_name', [...store.devices.groups().keys()])
  if (scope === 'identity' && name === 'id') return EQUALITIES.has(term.type) ? among(term, 'id', [term.value].flat().map(String)) : null
  return scope === 'system' ? null : attributeTest({ store }, term, store.inventoryValues.nameId(scope, name))
}

/** What a device without the attribute passes is the absence of every value that does not pass. */
function among(term: FilterTerm, of: DeviceTest['of'], values: readonly string[]): DeviceTest {
  const isNot = matches(term, undefined)
  return { of, isNot, values: values.filter((value) => matches(term, value) !== isNot) }
}

/** Tries each value that some device has, so that every operator means here what it means elsewhere. */
async function attributeTest({ store }: { store: Store }, term: FilterTerm, name: number | null): Promise<DeviceTest> {
  const isNot = matches(term, undefined)
  if (name === null) return { of: 'status', isNot, values: [] }
  if (term.type === '$exists' && !store.inventoryValues.lists(name).some(({ value }) => value === EMPTY_LIST))
    return { of: { name }, isNot, values: null }
  const values: number[] = []
  for await (const batch of candidates({ store }, term, name))
    for (const { id, value } of batch) if (matches(term, JSON.parse(value)) !== isNot) values.push(id)
  return { of: { name }, isNot, values }
}

async function* candidates({ store: { inventoryValues } }: { store: Store }, term: FilterTerm, name: number) {
  const wanted = [term.value].flat().map(String)
  // A text equals itself only, a number its other spellings, and lists contain what they contain.
  if (EQUALITIES.has(term.type) && wanted.every(isExact)) {
    const found = wanted.flatMap((text) => inventoryValues.alike(name, text))
    yield [...new Map([...found, ...inventoryValues.lists(name)].map((each) => [each.id, each])).values()]
    return
  }
  let batch = inventoryValues.behind(name, null, BATCH)
  while (batch.length > 0) {
    yield batch
    await othersFirst()
    batch = inventoryValues.behind(name, batch.at(-1) ?? null, BATCH)
  }
}

const isExact = (text: string): boolean => !isNumber(text) || text.length <= EXACT_DIGITS
