import { assert, nat, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRange } from './byte-range.ts'

describe('a Range header over 1000 bytes', () => {
  it.each([
    [undefined, { kind: 'whole' }],
    ['bytes=0-', { kind: 'part', start: 0, end: 1000 }],
    ['bytes=400-', { kind: 'part', start: 400, end: 1000 }],
    ['bytes=400-999', { kind: 'part', start: 400, end: 1000 }],
    ['bytes=400-5000', { kind: 'part', start: 400, end: 1000 }],
    ['bytes=7-7', { kind: 'part', start: 7, end: 8 }],
    ['bytes=-10', { kind: 'part', start: 990, end: 1000 }],
    ['bytes=-5000', { kind: 'part', start: 0, end: 1000 }],
    ['bytes=1000-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=9-3', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=0-1,5-6', { kind: 'whole' }],
    ['items=0-1', { kind: 'whole' }],
  ])('%s', (header, expected) => {
    expect(readRange(header, 1000)).toEqual(expected)
  })

  it('never reaches outside of the file, whatever it says', () => {
    assert(
      property(string(), nat(), nat(), nat(5000), (text, first, last, sizeBytes) => {
        const ranges = [text, `bytes=${first}-${last}`, `bytes=${first}-`, `bytes=-${last}`].map((header) => readRange(header, sizeBytes))
        const parts = ranges.filter((range) => range.kind === 'part')
        expect(parts.every(({ start, end }) => start >= 0 && start < end && end <= sizeBytes)).toBe(true)
      }),
    )
  })
})
