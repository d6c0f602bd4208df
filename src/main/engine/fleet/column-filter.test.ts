import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type FilterTerm, filterOperator } from '../../contract/filters.ts'
import { extended, passingValues } from './column-filter.ts'
import { matches } from './inventory-filter.ts'
import { sortKey } from './sort-key.ts'
import { ValueColumn } from './value-column.ts'

const near = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'B', '0', '1', '9', '.', '-', '_', ' ', 'v', 'Ä', '~', '!'), maxLength: 4 })
const text = fc.oneof(
  near,
  near,
  fc.string({ unit: 'grapheme-ascii', maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.double({ noNaN: true }).map(String),
  fc.constantFrom('12345678901234567', '12345678901234568', '-0', '0', '1.0', '01', 'x'.repeat(250)),
)
const value = fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) })
const values = fc.uniqueArray(value, { maxLength: 40, selector: (each) => JSON.stringify(each) })
const term = fc.record({
  scope: fc.constant('inventory'),
  attribute: fc.constant('x'),
  type: fc.constantFrom(...filterOperator.options),
  value: fc.oneof(text, fc.integer({ min: -20, max: 20 }), fc.boolean(), fc.array(text, { maxLength: 3 })),
})

/** Each as one device after the other says it. */
function columnOf(given: readonly (string | string[])[]): ValueColumn {
  const column = new ValueColumn()
  given.forEach((each, device) => column.set(device, each))
  column.settle()
  return column
}

const expected = (column: ValueColumn, condition: FilterTerm): number[] => column.values.map((each) => (matches(condition, each) ? 1 : 0))

it('lets those values pass that meet the condition one by one, also those that come later', () => {
  fc.assert(
    fc.property(values, values, term, (first, second, condition) => {
      const column = columnOf(first)
      const before = passingValues(column, condition)
      expect([...before]).toEqual(expected(column, condition))
      second.forEach((each, device) => column.set(device, each))
      column.settle()
      expect([...passingValues(column, condition)]).toEqual(expected(column, condition))
      expect([...extended(before, column, condition)]).toEqual(expected(column, condition))
    }),
    { numRuns: 5000 },
  )
})

it('keeps each value once, in the order of their keys, and what is the same in order together', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 4 }), (batches) => {
      const column = new ValueColumn()
      for (const batch of batches) {
        batch.forEach((each, device) => column.set(device, each))
        batch.forEach((each, device) => expect(column.values[column.ordinalOf(device)]).toEqual(each))
        column.settle()
      }
      const all = new Set(batches.flat().map((each) => JSON.stringify(each)))
      expect(column.size).toBe(all.size)
      expect([...column.order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: all.size }, (_, index) => index + 1))
      const keys = [...column.order].map((ordinal) => sortKey(column.values[ordinal] ?? '').key)
      expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
      const different = [...new Set(keys)]
      expect([...column.order].map((ordinal) => column.ranks[ordinal])).toEqual(keys.map((key) => different.indexOf(key) + 1))
    }),
    { numRuns: 2000 },
  )
})

it('has room for as many values as there are devices', () => {
  const column = new ValueColumn()
  const count = 70_000
  for (let device = 0; device < count; device += 1) column.put(device, column.add(`SN-${device}`))
  column.put(5, 300)
  const wrong = Array.from({ length: count }, (_, device) => device).filter((device) => column.ordinalOf(device) !== device + 1)
  expect(wrong).toEqual([5])
})
