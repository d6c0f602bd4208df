import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Changes, liveValue, untilChanged } from './changes.ts'

describe('a live value', () => {
  it('is there at once, and again after a change', async () => {
    const changes = new Changes()
    let value = 1
    const live = liveValue(undefined, [changes], () => value)
    expect((await live.next()).value).toBe(1)
    const second = live.next()
    value = 2
    changes.bump()
    expect((await second).value).toBe(2)
    await live.return()
  })

  it('gives a slow reader the newest value, never a backlog', async () => {
    const changes = new Changes()
    let value = 0
    const live = liveValue(undefined, [changes], () => value)
    await live.next()
    for (value = 1; value < 100; value += 1) changes.bump()
    const second = live.next()
    changes.bump()
    expect((await second).value).toBe(100)
    await live.return()
  })

  it('sees a change that happens while it is being read', async () => {
    const changes = new Changes()
    let reads = 0
    const live = liveValue(undefined, [changes], () => {
      reads += 1
      if (reads === 1) changes.bump()
      return reads
    })
    expect((await live.next()).value).toBe(1)
    expect((await live.next()).value).toBe(2)
    await live.return()
  })

  it('rests as long as each value says', async () => {
    const changes = new Changes()
    const told: number[] = []
    let value = 1
    const live = liveValue(
      undefined,
      [changes],
      () => value,
      (each) => {
        told.push(each)
        return 0
      },
    )
    for (; value < 4; value += 1) {
      expect((await live.next()).value).toBe(value)
      changes.bump()
    }
    expect(told).toEqual([1, 2])
    await live.return()
  })

  it('tells at once of a change after a quiet time, and of the next one after its rest', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const changes = new Changes()
    let value = 1
    const live = liveValue(
      undefined,
      [changes],
      () => value,
      () => 60_000,
    )
    const told: number[] = []
    const listening = (async () => {
      for await (const each of live) if (told.push(each) === 3) return
    })()
    await vi.advanceTimersByTimeAsync(61_000)
    value = 2
    changes.bump()
    await vi.advanceTimersByTimeAsync(10)
    expect(told).toEqual([1, 2])
    value = 3
    changes.bump()
    await vi.advanceTimersByTimeAsync(59_000)
    expect(told).toEqual([1, 2])
    await vi.advanceTimersByTimeAsync(1000)
    await listening
    expect(told).toEqual([1, 2, 3])
  })

  it.each([false, true])('tells of what is waited for without a rest, also while it rests (%s)', async (isResting) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const changes = new Changes()
    let value = 1
    const live = liveValue(undefined, [changes], () => value, 60_000)
    await live.next()
    const second = live.next()
    if (isResting) {
      changes.bump()
      await vi.advanceTimersByTimeAsync(1000)
    }
    value = 2
    changes.bumpAtOnce()
    await vi.advanceTimersByTimeAsync(10)
    expect((await second).value).toBe(2)
    await live.return()
  })

  it('ends when its signal aborts, while it waits', async () => {
    const abort = new AbortController()
    const live = liveValue(abort.signal, [new Changes()], () => 1)
    await live.next()
    const end = live.next()
    abort.abort()
    expect((await end).done).toBe(true)
  })
})

it('reads a value anew after a change only', () => {
  const changes = new Changes()
  let reads = 0
  const value = untilChanged(changes, () => (reads += 1))
  expect([value(), value()]).toEqual([1, 1])
  changes.bump()
  changes.bump()
  expect([value(), value()]).toEqual([2, 2])
})
