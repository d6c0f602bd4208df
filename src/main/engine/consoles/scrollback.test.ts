import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scrollback } from './scrollback.ts'

const KEPT = 500
/** How long after the last piece one came, and how long it is. */
const came = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 200 })), { maxLength: 60 })

test('who comes at any time reads every byte that is kept, in order, once', () => {
  fc.assert(
    fc.property(came, fc.nat(8000), (pieces, position) => {
      const scrollback = new Scrollback(KEPT)
      const all: number[] = []
      let at = 0
      for (const [rest, length] of pieces) {
        at += rest
        const bytes = Uint8Array.from({ length }, (_, index) => (all.length + index) % 251)
        scrollback.append(bytes, at)
        all.push(...bytes)
      }
      const read = scrollback.after(position)
      const first = read[0]?.start ?? scrollback.end
      expect(read.flatMap(({ bytes }) => [...bytes])).toEqual(all.slice(first))
      if (position < all.length) expect(first).toBeGreaterThanOrEqual(position)
      // No more is dropped than has to be.
      if (position < all.length) expect(first).toBeLessThanOrEqual(Math.max(position, all.length - KEPT))
      expect(scrollback.end).toBe(all.length)
    }),
  )
})

test('what comes later has its own time', () => {
  const scrollback = new Scrollback()
  for (const [text, at] of [
    ['a', 0],
    ['b', 15],
    ['c', 100],
  ] as const)
    scrollback.append(Buffer.from(text), at)
  expect(scrollback.after(0).map(({ at, bytes }) => [at, Buffer.from(bytes).toString()])).toEqual([
    [0, 'ab'],
    [100, 'c'],
  ])
})
