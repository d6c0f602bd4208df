import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binsOf, expectedInterval, kindOf, pollsOf } from './poll-figures.ts'

const MINUTE = 60_000

describe('the intervals between polls', () => {
  it('have a usual length, which a long silence or an update does not shift', () => {
    const gaps = [30_000, 30_100, 29_900, 8 * 3_600_000, 30_050, -400_000]
    expect(expectedInterval(gaps, 999)).toBe(30_050)
    expect(expectedInterval([30_000, -5], 25_000)).toBe(25_000)
    expect(expectedInterval([], null)).toBeNull()
  })

  it('are late from one and a half times that on, and by more than a second', () => {
    expect(kindOf(45_000, 30_000)).toBe('on-time')
    expect(kindOf(45_001, 30_000)).toBe('late')
    expect(kindOf(900, 100)).toBe('on-time')
    expect(kindOf(-900_000, 30_000)).toBe('update')
    expect(kindOf(900_000, null)).toBe('on-time')
  })

  it('end when the device has polled, the last one with its last poll', () => {
    expect(pollsOf([10_000, -70_000, 30_000], 1_000_000, 10_000)).toEqual([
      { at: 900_000, gapMs: 10_000, kind: 'on-time' },
      { at: 970_000, gapMs: 70_000, kind: 'update' },
      { at: 1_000_000, gapMs: 30_000, kind: 'late' },
    ])
  })

  it('are counted by length, from the shortest to the longest', () => {
    const bins = binsOf([
      { gapMs: MINUTE, kind: 'on-time' },
      { gapMs: MINUTE + 1, kind: 'late' },
      { gapMs: 2 * MINUTE, kind: 'update' },
    ])
    expect(bins).toEqual([
      { fromMs: MINUTE, toMs: 1.5 * MINUTE, onTimeCount: 1, lateCount: 1, updateCount: 0 },
      { fromMs: 1.5 * MINUTE, toMs: 2 * MINUTE, onTimeCount: 0, lateCount: 0, updateCount: 0 },
      { fromMs: 2 * MINUTE, toMs: 3 * MINUTE, onTimeCount: 0, lateCount: 0, updateCount: 1 },
    ])
    expect(binsOf([])).toEqual([])
  })

  it('are each in one bin, in which its length lies', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000_000), (gapMs) => {
        const [bin, ...others] = binsOf([{ gapMs, kind: 'late' }])
        expect([bin?.lateCount, others]).toEqual([1, []])
        expect(bin?.fromMs).toBeLessThanOrEqual(gapMs)
        expect(bin?.toMs).toBeGreaterThan(gapMs)
      }),
    )
  })
})
