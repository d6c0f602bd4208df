import { describe, expect, it } from 'vitest'
import { GRAIN_BYTES, MAX_SAMPLES } from '../../writer/protocol.ts'
import { samplesOf } from './write-card.ts'

const G = GRAIN_BYTES

describe('the places that are compared first', () => {
  it('are all there are, of a small image', () => {
    expect(samplesOf([])).toEqual([])
    expect(samplesOf([{ start: 0, end: 10 }])).toEqual([0])
    expect(
      samplesOf([
        { start: 0, end: 2 * G },
        { start: 7 * G, end: 8 * G + 1 },
      ]),
    ).toEqual([0, G, 7 * G, 8 * G])
  })

  it('lie evenly over what is in use of a large one', () => {
    const ranges = Array.from({ length: 3000 }, (_, index) => ({ start: index * 4 * G, end: index * 4 * G + G }))
    const samples = samplesOf(ranges)
    expect(samples.length).toBeLessThanOrEqual(MAX_SAMPLES)
    expect(samples.length).toBeGreaterThan(MAX_SAMPLES - 2)
    expect(samples.every((at) => at % (4 * G) === 0)).toBe(true)
    expect(samples.findIndex((at) => at >= 6000 * G)).toBe(Math.round(samples.length / 2))
  })
})
