import { describe, expect, it } from 'vitest'
import { PIN_TRIES } from '../../../contract/station.ts'
import { Pin } from './pin.ts'

function pinAt() {
  const state: { value: unknown; now: number } = { value: null, now: 1000 }
  return { state, pin: new Pin({ get: () => state.value, set: (value) => (state.value = value) }, () => state.now) }
}

describe('the PIN of a station', () => {
  it('is asked for only where there is one, and is not kept itself', async () => {
    const { pin, state } = pinAt()
    await pin.check(null)
    await pin.set('2468')
    expect(JSON.stringify(state.value)).not.toContain('2468')
    await pin.check('2468')
    // None is no wrong one.
    for (let asked = 0; asked < 2 * PIN_TRIES; asked += 1) await expect(pin.check(null)).rejects.toThrow('by its PIN')
    expect(pin.blockedUntil).toBe(null)
    await pin.check('2468')
    await pin.set(null)
    await pin.check(null)
  })

  it('bears few wrong ones, then none at all for a while, and longer each time; also over a restart', async () => {
    const { pin, state } = pinAt()
    await pin.set('2468')
    for (const waitMs of [60_000, 120_000]) {
      for (let tries = 0; tries < PIN_TRIES; tries += 1) await expect(pin.check('1111')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
      const restarted = new Pin({ get: () => state.value, set: (value) => (state.value = value) }, () => state.now)
      await expect(restarted.check('2468')).rejects.toThrow('too many')
      expect(restarted.blockedUntil).toBe(state.now + waitMs)
      state.now += waitMs
    }
    await pin.check('2468')
    expect(pin.blockedUntil).toBe(null)
  })
})
