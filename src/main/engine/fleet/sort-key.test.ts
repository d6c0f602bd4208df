import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNumerically } from './inventory-filter.ts'
import { sortKey } from './sort-key.ts'

const byKey = (a: string, b: string): number => (sortKey(a).key < sortKey(b).key ? -1 : sortKey(a).key > sortKey(b).key ? 1 : 0)
const base = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 12 })
const decimal = fc
  .tuple(fc.integer(), fc.option(fc.nat({ max: 9999 })))
  .map(([whole, part]) => (part === null ? String(whole) : `${whole}.${part}`))

describe('the order of values', () => {
  it('is that of numbers, then that of people', () => {
    const sorted = [
      '',
      '-10',
      '-9.5',
      '-9',
      '0',
      '0.5',
      '9',
      '10',
      '10.25',
      '1e5',
      'Äpfel',
      'apple',
      'SN-9',
      'sn-10',
      'SN-100',
      'v1.9',
      'v1.10',
      'v1.10-rc1',
      'Zebra',
    ]
    expect(sorted.toReversed().toSorted(byKey)).toEqual(sorted)
  })

  it('is that of numbers for all numbers', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => Number(a) === Number(b) || Math.sign(byKey(a, b)) === Math.sign(compareNumerically(a, b))),
    )
    for (const same of ['1.50', '01.5', '1.500']) expect(byKey(same, '1.5')).toBe(0)
  })

  it('is that of a dictionary for all texts that are no numbers', () => {
    expect.hasAssertions()
    const text = ascii.map((each) => `a${each}`)
    fc.assert(
      fc.property(text, text, (a, b) => {
        const order = Math.sign(base.compare(a, b))
        if (order !== 0) expect(Math.sign(byKey(a, b))).toBe(order)
      }),
      { numRuns: 2000 },
    )
  })

  it('tells every value from every other', () => {
    const any = fc.oneof(ascii, fc.string({ unit: 'grapheme', maxLength: 300 }), fc.array(ascii, { maxLength: 3 }), decimal)
    fc.assert(
      fc.property(
        any,
        any,
        (a, b) => (JSON.stringify(sortKey(a)) === JSON.stringify(sortKey(b))) === (JSON.stringify(a) === JSON.stringify(b)),
      ),
      { numRuns: 2000 },
    )
    for (const [a, b] of [
      ['A', 'a'],
      ['01', '1'],
      ['é', 'e'],
      ['a, b', ['a', 'b']],
      ['\u0003', '-'],
      ['\ud800', '\ud801'],
      ['x'.repeat(500), `${'x'.repeat(500)}y`],
    ] as const)
      expect(sortKey(a)).not.toEqual(sortKey(b))
  })
})
