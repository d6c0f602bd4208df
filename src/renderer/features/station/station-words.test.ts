import type { StationLane } from '@contract/station.ts'
import { describe, expect, it } from 'vitest'
import { endedGood, lookOf, percentOf, yieldOf } from './station-words.ts'

const lane: StationLane = { slot: 'a', word: 'WRITING', detail: '', serial: 'S1', isGood: false, doneBytes: 50, totalBytes: 200 }

describe('a lane of the station', () => {
  it('looks good only when its unit is', () => {
    expect(lookOf({ ...lane, word: 'REMOVE CARD', isGood: true }).tone).toBe('good')
    expect(lookOf({ ...lane, word: 'REMOVE CARD' }).tone).toBe('wait')
    expect(lookOf({ ...lane, word: 'FAILED' }).tone).toBe('bad')
  })

  it('counts in percent where it can', () => {
    expect([percentOf(lane), percentOf({ ...lane, totalBytes: null }), percentOf({ ...lane, doneBytes: 300 })]).toEqual([25, null, 100])
    expect([yieldOf({ good: 0, failed: 0 }), yieldOf({ good: 11, failed: 1 })]).toEqual(['', 'yield 92 %'])
  })
})

it('a tone is heard of units that end while somebody listens, and of none before', () => {
  expect(endedGood(null, { good: 12, failed: 1 })).toBeNull()
  expect(endedGood({ good: 12, failed: 1 }, { good: 12, failed: 1 })).toBeNull()
  expect(endedGood({ good: 12, failed: 1 }, { good: 13, failed: 1 })).toBe(true)
  expect(endedGood({ good: 12, failed: 1 }, { good: 13, failed: 2 })).toBe(false)
  // Another shift begins to count anew.
  expect(endedGood({ good: 12, failed: 1 }, { good: 1, failed: 0 })).toBeNull()
})
