import { describe, expect, it } from 'vitest'
import { type Delivery, countLost, delivered, failed, skipped } from './webhook-delivery.ts'

const start: Delivery = { settledId: 4, failedTimes: 0, retryAt: 0, lastError: '', deliveredAt: null, droppedCount: 0 }

/** After so many tries in a row that fail, each when it is due. */
function afterFailures(count: number): { state: Delivery; delays: number[] } {
  const delays: number[] = []
  let [state, now] = [start, 1000]
  for (let index = 0; index < count; index += 1) {
    state = failed(state, { eventId: state.settledId + 1, error: 'no', now })
    delays.push(state.retryAt - now)
    now = state.retryAt
  }
  return { state, delays }
}

describe('telling a webhook', () => {
  it('goes on with the next event, and forgets earlier failures', () => {
    expect(delivered({ ...start, failedTimes: 3, retryAt: 9, lastError: 'no' }, 5, 70)).toEqual({ ...start, settledId: 5, deliveredAt: 70 })
    expect(skipped(start, 5)).toEqual({ ...start, settledId: 5 })
  })

  it('is tried again later and later, and gives an event up after eight tries', () => {
    const { state, delays } = afterFailures(8)
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000])
    expect(state).toMatchObject({ settledId: 5, droppedCount: 1, failedTimes: 8, lastError: 'no' })
    expect(afterFailures(7).state).toMatchObject({ settledId: 4, droppedCount: 0 })
    expect(afterFailures(9)).toMatchObject({ state: { settledId: 5, droppedCount: 1 }, delays: expect.arrayContaining([120_000]) })
  })

  it('counts what was too much to be kept', () => {
    expect(countLost(start, 5)).toEqual(start)
    expect(countLost(start, 15)).toMatchObject({ settledId: 14, droppedCount: 10 })
  })
})
