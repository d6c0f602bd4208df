import { describe, expect, it } from 'vitest'
import { attemptFigures } from './attempts.ts'

describe('the tries of a deployment', () => {
  it('are counted by what they came to, with why they failed', () => {
    const { allowedCount, attempts } = attemptFigures({
      retries: 2,
      states: [
        { failedCount: 0, state: 'succeeded', deviceCount: 5 },
        { failedCount: 0, state: null, deviceCount: 9 },
        { failedCount: 1, state: 'succeeded', deviceCount: 2 },
        { failedCount: 1, state: 'active', deviceCount: 1 },
        { failedCount: 3, state: 'failed', deviceCount: 1 },
      ],
      reasons: [
        { attempt: 1, why: 'broke off', deviceCount: 3 },
        { attempt: 1, why: '', deviceCount: 1 },
        { attempt: 2, why: 'no space', deviceCount: 1 },
      ],
    })
    expect(allowedCount).toBe(3)
    expect(attempts.map(({ succeededCount, failedCount, activeCount }) => [succeededCount, failedCount, activeCount])).toEqual([
      [5, 4, 0],
      [2, 1, 1],
      [0, 1, 0],
    ])
    expect(attempts.map(({ reasons }) => reasons.map(({ why, deviceCount }) => [why, deviceCount]))).toEqual([
      [
        ['broke off', 3],
        ['', 1],
      ],
      [['no space', 1]],
      [['', 1]],
    ])
  })

  it('are one for a failure of which an earlier version has not counted them', () => {
    const states = [{ failedCount: 0, state: 'failed' as const, deviceCount: 4 }]
    expect(attemptFigures({ retries: 0, states, reasons: [] }).attempts).toEqual([
      { attempt: 1, succeededCount: 0, failedCount: 4, activeCount: 0, reasons: [{ why: '', deviceCount: 4 }] },
    ])
  })

  it('are none while nobody has begun', () => {
    expect(attemptFigures({ retries: 1, states: [{ failedCount: 0, state: null, deviceCount: 4 }], reasons: [] }).attempts).toEqual([])
  })
})
