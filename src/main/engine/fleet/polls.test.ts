import { describe, expect, it } from 'vitest'
import { type PollRhythm, afterPoll } from './polls.ts'

const run = (gaps: number[]): PollRhythm => {
  let at = 1_000_000
  const first = afterPoll({ lastPollAt: null, pollIntervalMs: null }, at)
  return gaps.reduce((rhythm, gap) => afterPoll(rhythm, (at += gap)), first)
}

describe('the estimate of the poll interval', () => {
  it('is unknown before the second poll and exact after it', () => {
    expect(run([]).pollIntervalMs).toBeNull()
    expect(run([5000]).pollIntervalMs).toBe(5000)
  })

  it('takes the fallback of a client from v2 to v1 for one poll', () => {
    expect(run([5000, 20, 4980]).pollIntervalMs).toBe(5000)
  })

  it('follows a shorter rhythm at once and a longer one in steps, so that one update does not spoil it', () => {
    expect(run([1_800_000, 5000]).pollIntervalMs).toBe(5000)
    expect(run([5000, 90_000]).pollIntervalMs).toBe(10_000)
    expect(run([5000, 60_000, 60_000, 60_000, 60_000, 60_000]).pollIntervalMs).toBeGreaterThan(40_000)
  })

  it('smooths the jitter of a steady device', () => {
    const { pollIntervalMs } = run([5000, 5200, 4900, 5100])
    expect(Math.abs((pollIntervalMs ?? 0) - 5050)).toBeLessThan(100)
  })
})
