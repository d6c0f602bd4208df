import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanRate, niceCount, niceTop, stacked, stepArea, yOf } from './shapes.ts'

const size = { width: 100, height: 51 }

describe('the shapes of a plot', () => {
  it('are steps that keep their height, closed along the bottom', () => {
    expect(stepArea([10, 5], [], { top: 10, size })).toBe('0,1 50,1 50,26 100,26 100,51 50,51 50,51 0,51')
  })

  it('stand on each other', () => {
    const layers = [
      [1, 2],
      [3, 0],
      [1, 1],
    ]
    expect(stacked(layers)).toEqual([
      [0, 0],
      [1, 2],
      [4, 2],
    ])
    expect(stepArea([3], [1], { top: 4, size })).toBe('0,1 100,1 100,38.5 0,38.5')
  })

  it('stay within the frame', () => {
    expect([yOf(0, 10, size), yOf(10, 10, size), yOf(99, 10, size), yOf(0, 0, size)]).toEqual([51, 1, 1, 51])
  })
})

it('the top of a scale is round, not below the value, and not far above it', () => {
  expect([0, 1, 3, 21, 260, 9999].map(niceTop)).toEqual([1, 1, 5, 25, 500, 10_000])
  expect([0, 1, 3, 4, 9, 12, 21, 1000].map(niceCount)).toEqual([2, 2, 4, 4, 10, 20, 40, 2000])
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e12, noNaN: true }), (value) => {
      expect(niceTop(value)).toBeGreaterThanOrEqual(value * 0.999_999)
      expect(niceTop(value)).toBeLessThanOrEqual(value * 2.5)
    }),
  )
})

it('a slow part of a card, of as many bytes as the others, weighs as long as it took; a slow second is a second', () => {
  expect(meanRate([100, 25], true)).toBe(40)
  expect(meanRate([100, 25], false)).toBe(62.5)
})
