import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FIRST_SILENCE_RULE } from '../../contract/silence.ts'
import type { AcceptMode } from '../../contract/accept-mode.ts'
import { listRefusals, showDevice } from '../views/device-view.ts'
import { setAuthsetStatus } from './device-actions.ts'
import { ACCEPT_MODE } from './device-auth.ts'
import { type DeviceBench, makeDevice, openDeviceBench } from './device.cases.ts'
import { isInSubnet } from './subnet.ts'

let bench: DeviceBench
beforeEach(async () => {
  bench = await openDeviceBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

const sources = () => ({
  store: bench.store,
  now: () => bench.clock.now,
  transferOf: () => null,
  observe: () => null,
  tailOf: () => [],
  silence: () => FIRST_SILENCE_RULE,
  connectionOf: () => ({ state: 'never', since: null }) as const,
})
const refusals = () => listRefusals(bench.store.refusals.list(10), sources())
const accept = (mode: AcceptMode) => bench.store.settings.set(ACCEPT_MODE, mode)
const next = (token: string) => {
  const payload = { device_provides: { artifact_name: 'v1', device_type: 'board' } }
  return bench.app.inject({
    method: 'POST',
    url: '/api/devices/v2/deployments/device/deployments/next',
    headers: { authorization: `Bearer ${token}` },
    payload,
  })
}

describe('why a device was refused', () => {
  it('is that it waits, until it is accepted', async () => {
    const device = makeDevice('aa')
    await bench.authenticate(device)
    await bench.authenticate(device)
    expect(refusals()).toMatchObject([
      {
        name: 'aa',
        times: 2,
        address: '127.0.0.1',
        reason: expect.stringContaining('waiting to be accepted'),
        remedy: expect.stringMatching(/^Accept it/),
      },
    ])
    accept('all')
    expect((await bench.authenticate(device)).status).toBe(200)
    expect(refusals()).toEqual([])
  })

  it('is a signature that does not fit, also of a device that nobody knows', async () => {
    const [device, other] = [makeDevice('aa'), makeDevice('bb')]
    await bench.authenticate({ ...device, sign: other.sign })
    expect(bench.store.devices.list()).toEqual([])
    expect(refusals()).toMatchObject([
      { deviceId: null, name: 'aa', reason: 'signature verification failed', remedy: expect.stringContaining('not signed with the key') },
    ])
  })

  it('is a new key of a known identity, as after re-flashing, with what to do about it', async () => {
    const { id } = await bench.join('aa')
    await bench.authenticate(makeDevice('aa'))
    const shown = showDevice(id, sources())
    expect(shown?.refusals).toMatchObject([
      { deviceId: id, remedy: expect.stringContaining('The same identity with a new key, as after re-flashing') },
    ])
    const { newKey } = shown ?? {}
    expect(newKey).toMatchObject({ askedAt: bench.clock.now })
    setAuthsetStatus(bench.actions, { deviceId: id, authsetId: newKey?.authsetId ?? '', status: 'accepted' })
    expect(showDevice(id, sources())).toMatchObject({
      newKey: null,
      refusals: [{ remedy: 'Its key is accepted now: it comes in when it asks next.' }],
    })
  })

  it('is a token that has ended, until the device has a new one', async () => {
    const { id, token, device } = await bench.join('aa')
    bench.clock.now += 8 * 86_400_000
    expect((await next(token)).statusCode).toBe(401)
    expect(showDevice(id, sources())?.refusals).toMatchObject([{ keyFingerprint: '', reason: 'The token has expired' }])
    await bench.authenticate(device)
    expect(refusals()).toEqual([])
  })

  it('is remembered of so many, the latest', async () => {
    const note = (number: number) =>
      bench.store.refusals.note({
        identityHash: `h${number}`,
        fingerprint: '',
        identity: { mac: `${number}` },
        address: '',
        reason: '',
        at: number,
      })
    for (let number = 0; number < 2100; number += 1) note(number)
    expect(bench.store.refusals.list(5000)).toHaveLength(2001)
    expect(refusals()[0]?.name).toBe('2099')
  })
})

describe('a device that knocks', () => {
  it.each<[AcceptMode, number]>([
    [{ kind: 'subnet', subnet: '127.0.0.0/8' }, 200],
    [{ kind: 'subnet', subnet: '10.0.0.0/8' }, 401],
    [{ kind: 'identity', name: 'mac', pattern: '02:*' }, 200],
    [{ kind: 'identity', name: 'mac', pattern: '04:*' }, 401],
    [{ kind: 'until', until: Date.UTC(2026, 4, 1) + 1000 }, 200],
    [{ kind: 'until', until: Date.UTC(2026, 4, 1) }, 401],
  ])('is accepted or not by %j', async (mode, status) => {
    accept(mode)
    expect((await bench.authenticate(makeDevice('02:00:00:00:00:01'))).status).toBe(status)
  })

  it('is accepted at its next request when it waited before, and waits no more for a time that is over', async () => {
    const device = makeDevice('aa')
    expect((await bench.authenticate(device)).status).toBe(401)
    accept({ kind: 'until', until: bench.clock.now + 1000 })
    expect((await bench.authenticate(device)).status).toBe(200)
    bench.clock.now += 2000
    expect((await bench.authenticate(makeDevice('bb'))).status).toBe(401)
  })
})

it('knows in which network an address lies', () => {
  expect(isInSubnet('192.168.7.9', '192.168.7.0/24')).toBe(true)
  expect(isInSubnet('::ffff:192.168.7.9', '192.168.7.0/24')).toBe(true)
  expect(isInSubnet('192.168.8.9', '192.168.7.0/24')).toBe(false)
  expect(isInSubnet('fd00::7', 'fd00::/8')).toBe(true)
  expect(isInSubnet('fd00::7', '192.168.7.0/24')).toBe(false)
  expect(isInSubnet('nonsense', '192.168.7.0/24')).toBe(false)
})
