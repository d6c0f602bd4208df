import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PROTO } from './frame.ts'
import { ShellStart } from './shell-start.ts'

describe('a shell that is started on a device', () => {
  let sent: object[] = []
  let start: ShellStart
  beforeEach(() => {
    vi.useFakeTimers()
    sent = []
    start = new ShellStart({ send: (frame) => void sent.push(frame) })
    start.toDevice({ proto: PROTO.shell, type: 'new', props: { user_id: 'u', terminal_width: 80, terminal_height: 24 } })
  })
  afterEach(() => vi.useRealTimers())

  const says = (type: string, status = 1) => start.fromDevice({ proto: PROTO.shell, type, props: { status } })
  const stop = { proto: PROTO.shell, type: 'stop' }
  const again = { proto: PROTO.shell, type: 'new', props: { user_id: 'u', terminal_width: 100, terminal_height: 24 } }

  it('is left alone once it has said something, however long it is silent then', () => {
    expect([says('new'), says('shell')]).toEqual([true, true])
    vi.advanceTimersByTime(60_000)
    expect(sent).toEqual([])
    expect(says('stop')).toBe(true)
  })

  it('is started again while it says nothing, as large as the window is by then, and nobody hears of that', () => {
    expect(says('new')).toBe(true)
    start.toDevice({ proto: PROTO.shell, type: 'resize', props: { terminal_width: 100, terminal_height: 24 } })
    vi.advanceTimersByTime(8000)
    expect(sent).toEqual([stop])
    expect([says('shell'), says('stop'), says('stop', 2), says('new'), says('shell')]).toEqual([false, false, false, false, true])
    vi.advanceTimersByTime(60_000)
    expect(sent).toEqual([stop, again])
  })

  it('is left as it is after three starts: one that greets nobody', () => {
    says('new')
    for (let time = 0; time < 5; time += 1) {
      vi.advanceTimersByTime(8000)
      says('stop')
      says('new')
    }
    expect(sent).toHaveLength(4)
    expect(says('shell')).toBe(true)
  })

  it('is not started again when it was refused, stopped or left', () => {
    expect(says('new', 2)).toBe(true)
    vi.advanceTimersByTime(60_000)
    says('new')
    start.toDevice({ proto: PROTO.shell, type: 'stop', props: {} })
    vi.advanceTimersByTime(60_000)
    says('new')
    start.close()
    vi.advanceTimersByTime(60_000)
    expect(sent).toEqual([])
  })

  it('tells of a second start that is refused', () => {
    says('new')
    vi.advanceTimersByTime(8000)
    expect([says('stop'), says('new', 2)]).toEqual([false, true])
  })
})
