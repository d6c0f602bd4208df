import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type SortKeys, pageInOrder } from './device-sort.ts'

const DEVICES = Uint32Array.from({ length: 6000 }, (_, index) => index * 2 + 1)

/** Keys as good as drawn, the same for a seed; some devices have none. */
function keysOf({ seed, max, isDescending, none }: { seed: number; max: number; isDescending: boolean; none: number }): SortKeys {
  const keyOf = (device: number): number => {
    const drawn = Math.imul(device + seed, 2_654_435_761) >>> 0
    return drawn % none === 0 ? Number.NaN : drawn % (max + 1)
  }
  return { keyOf, max, isDescending }
}

const anyKeys = fc
  .record({
    seed: fc.nat(),
    max: fc.constantFrom(0, 1, 9, 70_000, 1_000_000, 2 ** 31, 2 ** 45),
    isDescending: fc.boolean(),
    none: fc.constantFrom(1, 3, 1000),
  })
  .map(keysOf)

function sorted(terms: readonly SortKeys[]): number[] {
  return [...DEVICES].toSorted((a, b) => {
    for (const { keyOf, isDescending } of terms) {
      const [keyA, keyB] = [keyOf(a), keyOf(b)]
      if (keyA === keyB || (Number.isNaN(keyA) && Number.isNaN(keyB))) continue
      if (Number.isNaN(keyA) || Number.isNaN(keyB)) return Number.isNaN(keyA) ? 1 : -1
      return isDescending ? keyB - keyA : keyA - keyB
    }
    return a - b
  })
}

it('finds the page that sorting all devices shows', () => {
  const anyPage = fc.tuple(fc.nat({ max: 6100 }), fc.constantFrom(0, 1, 20, 500, 6000))
  fc.assert(
    fc.property(fc.array(anyKeys, { maxLength: 3 }), anyPage, (terms, [offset, limit]) => {
      expect(pageInOrder(DEVICES, terms, { offset, limit })).toEqual(sorted(terms).slice(offset, offset + limit))
    }),
    { numRuns: 150 },
  )
})
