import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteSeries, rateFigures } from './byte-series.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0)

describe('bytes over time', () => {
  it('are spread over the time that they took', () => {
    const series = new ByteSeries(60)
    series.add(100, 1000, 1000)
    series.add(1000, 1000, 2000)
    expect(series.steps).toEqual({ startAt: 1000, stepMs: 250, bytes: [350, 250, 250, 250, 0] })
  })

  it('lose no byte and stay within their steps, however long it takes and whatever the clock does', () => {
    const sent = fc.record({ bytes: fc.nat(1_000_000), waitMs: fc.integer({ min: -5000, max: 3_600_000 }), tookMs: fc.nat(600_000) })
    fc.assert(
      fc.property(fc.array(sent, { minLength: 1, maxLength: 60 }), (all) => {
        const series = new ByteSeries(40)
        let at = 1_000_000
        for (const { bytes, waitMs, tookMs } of all) {
          const fromAt = at + waitMs
          at = fromAt + tookMs
          series.add(bytes, fromAt, at)
        }
        const { bytes = [] } = series.steps ?? {}
        expect(sum(bytes)).toBe(sum(all.map((each) => each.bytes)))
        expect(bytes.length).toBeLessThanOrEqual(40)
        expect(bytes.every((each) => each >= 0)).toBe(true)
      }),
    )
  })

  it('go on where they were left', () => {
    const before = new ByteSeries(60)
    before.add(500, 0, 0)
    const after = new ByteSeries(60, before.steps)
    after.add(100, 600, 600)
    expect([before.steps?.bytes, after.steps?.bytes]).toEqual([[500], [500, 0, 100]])
  })

  it('are a rate a step, with the average of the time in which anything went', () => {
    expect(rateFigures({ startAt: 5, stepMs: 500, bytes: [1000, 0, 0, 3000] })).toEqual({
      startAt: 5,
      stepMs: 500,
      rates: [2000, 0, 0, 6000],
      totalBytes: 4000,
      averageRate: 4000,
      peakRate: 6000,
    })
    expect(rateFigures({ startAt: 5, stepMs: 500, bytes: [] })).toMatchObject({ averageRate: 0, peakRate: 0 })
  })
})
