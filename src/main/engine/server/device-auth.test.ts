import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decommissionDevice, preauthorizeDevice, setAuthsetStatus } from './device-actions.ts'
import { ACCEPT_MODE } from './device-auth.ts'
import { type DeviceBench, type KeyKind, authBody, makeDevice, openDeviceBench } from './device.cases.ts'

let bench: DeviceBench
beforeEach(async () => {
  bench = await openDeviceBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

const ask = (payload: string, headers: Record<string, string>) =>
  bench.app.inject({ method: 'POST', url: '/api/devices/v1/authentication/auth_requests', headers, payload })
const poll = (token: string) =>
  bench.app.inject({
    method: 'POST',
    url: '/api/devices/v2/deployments/device/deployments/next',
    headers: { authorization: `Bearer ${token}` },
    payload: { device_provides: { artifact_name: 'v1', device_type: 'board' } },
  })

describe('authentication', () => {
  it.each<KeyKind>(['rsa', 'p256', 'p384', 'ed25519'])('takes a signature by an %s key over the bytes as they came', async (kind) => {
    bench.store.settings.set(ACCEPT_MODE, 'all')
    const device = makeDevice('aa', kind)
    const { status, text, type } = await bench.authenticate(device)
    expect({ status, type }).toEqual({ status: 200, type: 'application/jwt' })
    expect(text.split('.')).toHaveLength(3)
    expect((await poll(text)).statusCode).toBe(204)
  })

  it('refuses a signature over the body without its final newline, with 401', async () => {
    const device = makeDevice('aa')
    const body = authBody(device)
    const answer = await ask(body, { 'x-men-signature': device.sign(body.trimEnd()) })
    expect(answer.statusCode).toBe(401)
    expect(answer.json()).toMatchObject({ error: expect.stringContaining('signature verification failed') })
    expect(answer.headers['x-men-requestid']).toBe(answer.json<{ request_id: string }>().request_id)
    expect(bench.store.devices.count()).toBe(0)
  })

  it('keeps no more than a crowd waiting: under ever new names, with ever new keys, or with an endless name', async () => {
    const { store } = bench
    const keys = Array.from({ length: 101 }, () => makeDevice('aa'))
    for (const key of keys) expect((await bench.authenticate(key)).status).toBe(401)
    const [device] = store.devices.list()
    expect(store.authsets.ofDevice(device?.id ?? '')).toHaveLength(100)

    store.transaction(() => {
      for (let number = 0; number < 9_999; number += 1) {
        const id = `d${number}`
        store.devices.add({ id, identityHash: id, identity: { mac: id }, createdAt: number })
        store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'pending', at: number })
      }
    })
    const late = await bench.authenticate(makeDevice('late'))
    expect(late).toMatchObject({ status: 401, text: expect.stringContaining('10000 devices wait') })
    expect(store.devices.count()).toBe(10_000)

    store.settings.set(ACCEPT_MODE, 'all')
    expect((await bench.authenticate(makeDevice('late'))).status).toBe(200)
    expect((await bench.authenticate(makeDevice('x'.repeat(20_000)))).status).toBe(400)
  })

  it.each([
    ['no JSON', '{', 'not JSON'],
    ['no key', '{"id_data":"{}"}', 'pubkey'],
    ['no identity', '{"pubkey":"x"}', 'id_data'],
    ['a key that is none', '{"id_data":"{\\"a\\":\\"b\\"}","pubkey":"x"}', 'not a PEM public key'],
  ])('answers 400 for a body with %s, before it looks for a signature', async (_, body, why) => {
    const answer = await ask(body, {})
    expect(answer.statusCode).toBe(400)
    expect(answer.body).toContain(why)
  })

  it('answers 400 without a signature and for an identity that is no object', async () => {
    const device = makeDevice('aa')
    expect((await ask(authBody(device), {})).body).toContain('missing request signature header')
    const odd = JSON.stringify({ id_data: '[]', pubkey: device.pem })
    expect((await ask(odd, { 'x-men-signature': device.sign(odd) })).statusCode).toBe(400)
  })

  it('makes one pending device of any number of requests, and says what to do', async () => {
    const device = makeDevice('aa')
    await bench.authenticate(device)
    const { status, text } = await bench.authenticate(device)
    expect(status).toBe(401)
    expect(text).toContain('waiting to be accepted (aa, key ')
    expect(bench.store.devices.list()).toMatchObject([{ status: 'pending', identity: { mac: 'aa' } }])
    const id = bench.store.devices.list()[0]?.id ?? ''
    expect(bench.store.timeline.ofDevice(id)).toMatchObject([
      { lane: 'http', text: expect.stringContaining('Asks to join from 127.0.0.1') },
    ])
  })

  it('knows a key again however its PEM is wrapped', async () => {
    const device = makeDevice('aa', 'rsa')
    await bench.authenticate(device)
    const flat = device.pem.replaceAll('\n', '\r\n')
    await bench.authenticate({ ...device, pem: flat })
    expect(bench.store.devices.list().flatMap(({ id }) => bench.store.authsets.ofDevice(id))).toHaveLength(1)
  })

  it('accepts a preauthorized key at its first request', async () => {
    const device = makeDevice('aa')
    const { id } = preauthorizeDevice(bench.actions, { identity: { mac: 'aa' }, publicKeyPem: device.pem })
    expect((await bench.authenticate(device)).status).toBe(200)
    expect(bench.store.devices.get(id)?.status).toBe('accepted')
  })

  it('shows a re-flashed board as a second key, and rejects the first when that is accepted', async () => {
    const { id, token } = await bench.join('aa')
    const reflashed = makeDevice('aa')
    expect((await bench.authenticate(reflashed)).status).toBe(401)
    expect((await poll(token)).statusCode).toBe(204)
    const [, second] = bench.store.authsets.ofDevice(id)
    setAuthsetStatus(bench.actions, { deviceId: id, authsetId: second?.id ?? '', status: 'accepted' })
    expect((await bench.authenticate(reflashed)).status).toBe(200)
    expect((await poll(token)).statusCode).toBe(401)
    expect(bench.store.timeline.ofDevice(id).some(({ text }) => text.includes('as after re-flashing'))).toBe(true)
  })
})

it('a rejected device hears so each time; its timeline says so once', async () => {
  const { id, device } = await bench.join('aa')
  const authsetId = bench.store.authsets.ofDevice(id)[0]?.id ?? ''
  setAuthsetStatus(bench.actions, { deviceId: id, authsetId, status: 'rejected' })
  bench.store.settings.set(ACCEPT_MODE, 'all')
  expect((await bench.authenticate(device)).text).toContain('this device was rejected (aa, key ')
  expect((await bench.authenticate(device)).status).toBe(401)
  const refused = bench.store.timeline.ofDevice(id).filter(({ text }) => text.startsWith('Asked to join with the rejected key'))
  expect(refused).toHaveLength(1)
})

describe('a device token', () => {
  it.each([
    ['none', ''],
    ['of another scheme', 'Basic eHg6eHg='],
    ['that is random', 'Bearer abc.def.ghi'],
  ])('%s is 401, never 403', async (_, authorization) => {
    const answer = await bench.app.inject({
      method: 'PUT',
      url: '/api/devices/v1/inventory/device/attributes',
      headers: { authorization },
      payload: [],
    })
    expect(answer.statusCode).toBe(401)
    expect(answer.json()).toMatchObject({ error: expect.any(String), request_id: expect.any(String) })
  })

  it('ends when the key is rejected, when the device is decommissioned, and after a week', async () => {
    const first = await bench.join('aa')
    const [authset] = bench.store.authsets.ofDevice(first.id)
    setAuthsetStatus(bench.actions, { deviceId: first.id, authsetId: authset?.id ?? '', status: 'rejected' })
    expect((await poll(first.token)).statusCode).toBe(401)

    const second = await bench.join('bb')
    decommissionDevice(bench.actions, second.id)
    expect((await poll(second.token)).statusCode).toBe(401)

    const third = await bench.join('cc')
    bench.clock.now += 8 * 86_400_000
    const late = await poll(third.token)
    expect(late.statusCode).toBe(401)
    expect(late.body).toContain('The token has expired')
  })
})
