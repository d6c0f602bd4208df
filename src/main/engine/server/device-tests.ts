import { setImmediate as othersFirst } from 'node:timers/promises'
import { authStatus } from '../../contract/devices.ts'
import type { FilterTerm } from '../../contract/filters.ts'
import { isNumber, matches } from '../fleet/inventory-filter.ts'
import type { DeviceTest } from '../store/inventory-query.ts'
import type { Store } from '../store/open.ts'

/** How many different values of an attribute are looked at before others get their turn. */
const BATCH = 2000
/** As JSON, lists come behind all texts. */
const FIRST_LIST = '['
const EQUALITIES: ReadonlySet<string> = new Set(['$eq', '$in', '$ne', '$nin', '$ltne'])

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
  return scope === 'identity' || scope === 'system' ? null : attributeTest({ store }, term, { scope, name })
}

/** What a device without the attribute passes is the absence of every value that does not pass. */
function among(term: FilterTerm, of: DeviceTest['of'], values: readonly string[]): DeviceTest {
  const isNot = matches(term, undefined)
  return { of, isNot, values: values.filter((value) => matches(term, value) !== isNot) }
}

/** Tries each value that some device has, so that every operator means here what it means elsewhere. */
async function attributeTest({ store }: { store: Store }, term: FilterTerm, of: { scope: string; name: string }): Promise<DeviceTest> {
  const isNot = matches(term, undefined)
  const wanted = [term.value].flat().map(String)
  // A text equals itself only; a number has many spellings, and lists contain what they contain.
  const isPlain = EQUALITIES.has(term.type) && !wanted.some(isNumber)
  const values = isPlain ? wanted.map((value) => JSON.stringify(value)) : []
  let after: string | undefined = isPlain ? FIRST_LIST : ''
  while (after !== undefined) {
    const batch: string[] = store.inventoryQuery.nextValues(of, after, BATCH)
    for (const value of batch) if (matches(term, JSON.parse(value)) !== isNot) values.push(value)
    after = batch.length === BATCH ? batch.at(-1) : undefined
    if (after !== undefined) await othersFirst()
  }
  return { of, isNot, values }
}
