import { describe, expect, it } from 'vitest'
import { FakeClock } from '../host.fake.ts'
import { openThrottle } from './login-throttle.ts'

const MINUTE_MS = 60_000
/** More than any single guess has to wait. */
const DELAY_MS = 5000

function setUp() {
  const clock = new FakeClock()
  const throttle = openThrottle(clock)
  /** A guess from one address; answers what takes it back when it was right, or null where nothing is tried. */
  const guess = async (name: string) => {
    const tried = throttle('a', name).catch(() => null)
    clock.advance(DELAY_MS)
    return tried
  }
  return { clock, guess }
}

describe('wrong guesses from one address', () => {
  it('lock it for twice as long each time, up to an hour, and are not forgotten meanwhile', async () => {
    const { clock, guess } = setUp()
    for (let count = 0; count < 9; count += 1) await guess('admin')
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect([minutes, await guess('admin')]).toEqual([minutes, expect.any(Function)])
      clock.advance(minutes * MINUTE_MS - 3 * DELAY_MS)
      expect([minutes, await guess('admin')]).toEqual([minutes, null])
      clock.advance(DELAY_MS)
    }
  })

  it('count on when somebody logs in by another name meanwhile', async () => {
    const { guess } = setUp()
    for (let count = 0; count < 10; count += 1) {
      expect(await guess('admin')).not.toBeNull()
      const right = count < 9 ? await guess('viewer') : null
      right?.()
    }
    expect(await guess('admin')).toBeNull()
  })

  it('are forgotten once the name they were made at is proven right', async () => {
    const { guess } = setUp()
    for (let count = 0; count < 9; count += 1) await guess('admin')
    const right = await guess('admin')
    right?.()
    for (let count = 0; count < 9; count += 1) expect(await guess('admin')).not.toBeNull()
  })
})
