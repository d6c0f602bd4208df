import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDeviceTokens } from './device-token.ts'
import { type Bench, PASSWORD, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

const USERADM = '/api/management/v1/useradm'
const DEVAUTH = '/api/management/v2/devauth/devices'
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

describe('user administration', () => {
  it('logs in as mender-cli does it: Basic credentials, a JSON type and no body', async () => {
    const path = `${USERADM}/auth/login`
    const { status, text } = await bench.call({
      method: 'POST',
      path,
      token: null,
      headers: { ...basic(`admin:${PASSWORD}`), 'content-type': 'application/json' },
    })
    expect(status).toBe(200)
    const me = await bench.call({ method: 'GET', path: `${USERADM}/users/me`, token: text })
    expect(me.json).toMatchObject({ email: 'admin' })
  })

  it.each([
    ['wrong password', basic('admin:pass')],
    ['unknown user', basic('root:pass:word')],
    ['no credentials', {}],
  ])('refuses a login with %s', async (_, headers) => {
    const answer = await bench.call({ method: 'POST', path: `${USERADM}/auth/login`, token: null, headers })
    expect(answer).toMatchObject({ status: 401, json: { error: expect.any(String), request_id: expect.any(String) } })
    expect(answer.headers['x-men-requestid']).toEqual(expect.any(String))
  })

  it('asks for a token everywhere else', async () => {
    for (const path of [`${USERADM}/users/me`, '/api/management/v1/deployments/artifacts', '/api/management/v1/deployments/deployments'])
      for (const token of [null, 'nonsense']) expect((await bench.call({ method: 'GET', path, token })).status).toBe(401)
    for (const path of [DEVAUTH, '/api/management/v1/inventory/groups'])
      expect((await bench.app.inject({ method: 'GET', url: path })).statusCode).toBe(401)
  })

  it('takes the token from the cookie too, but not when another site has made the browser ask', async () => {
    const get = (headers: Record<string, string>) => bench.app.inject({ method: 'GET', url: `${USERADM}/users/me`, headers })
    const cookie = `a=b; JWT=${bench.token}`
    expect((await get({ cookie })).statusCode).toBe(200)
    expect((await get({ cookie, 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200)
    expect((await get({ cookie, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(401)
  })

  it('ends a session at logout', async () => {
    expect((await bench.call({ method: 'POST', path: `${USERADM}/auth/logout` })).status).toBe(202)
    expect((await bench.call({ method: 'GET', path: `${USERADM}/users/me` })).status).toBe(401)
  })

  it('gives programs access tokens that can be listed and revoked', async () => {
    const path = `${USERADM}/settings/tokens`
    const made = await bench.call({ method: 'POST', path, body: { name: 'ci', expires_in: 3600 } })
    const token = String(made.json)
    expect((await bench.call({ method: 'GET', path, token })).json).toEqual([expect.objectContaining({ name: 'ci' })])
    expect((await bench.call({ method: 'POST', path, body: { name: 'ci' } })).status).toBe(409)
    expect((await bench.call({ method: 'POST', path, body: { name: '' } })).status).toBe(400)
    const [{ id }] = JSON.parse((await bench.call({ method: 'GET', path })).text)
    expect((await bench.call({ method: 'DELETE', path: `${path}/{id}`, params: { id } })).status).toBe(204)
    expect((await bench.call({ method: 'GET', path, token })).status).toBe(401)
  })

  it("answers bodies that it cannot read with 400 and Mender's error body", async () => {
    const path = `${USERADM}/settings/tokens`
    const headers = { 'content-type': 'application/json' }
    expect((await bench.call({ method: 'POST', path, payload: Buffer.from('{'), headers })).status).toBe(400)
    expect((await bench.call({ method: 'POST', path, headers })).status).toBe(400)
  })
})

describe('device authentication', () => {
  it('pages through devices and counts them', async () => {
    for (let number = 0; number < 5; number += 1) bench.addDevice(`m${number}`, number < 3 ? 'accepted' : 'pending')
    const first = await bench.call({ method: 'GET', path: DEVAUTH, query: '?per_page=2&status=accepted' })
    expect(first.json).toHaveLength(2)
    expect(first.headers['x-total-count']).toBe('3')
    expect(first.headers.link).toContain(`<${DEVAUTH}?per_page=2&status=accepted&page=2>; rel="next"`)
    const second = await bench.call({ method: 'GET', path: DEVAUTH, query: '?per_page=2&page=2&status=accepted' })
    expect(second.json).toHaveLength(1)
    expect(second.headers.link).not.toContain('next')
    expect((await bench.call({ method: 'GET', path: `${DEVAUTH}/count`, query: '?status=pending' })).json).toEqual({ count: 2 })
    for (const query of ['?per_page=501', '?page=0', '?per_page=x', '?status=funny'])
      expect((await bench.call({ method: 'GET', path: DEVAUTH, query })).status).toBe(400)
  })

  it('finds devices by id and by several statuses', async () => {
    const [a, , c] = ['a', 'b', 'c'].map((mac) => bench.addDevice(mac, mac === 'c' ? 'pending' : 'accepted'))
    expect((await bench.call({ method: 'GET', path: DEVAUTH, query: `?id=${a}&id=${c}&status=pending` })).json).toEqual([
      expect.objectContaining({ id: c }),
    ])
    const found = await bench.call({ method: 'POST', path: `${DEVAUTH}/search`, body: { status: ['pending', 'accepted'], id: [a, c] } })
    expect(found.json).toHaveLength(2)
    expect((await bench.call({ method: 'POST', path: `${DEVAUTH}/search`, body: {} })).json).toHaveLength(3)
  })

  it('accepts and rejects a key', async () => {
    const id = bench.addDevice('a', 'pending')
    const call = { path: `${DEVAUTH}/{id}/auth/{aid}/status`, params: { id, aid: `${id}-key` } }
    expect((await bench.call({ ...call, method: 'PUT', body: { status: 'accepted' } })).status).toBe(204)
    expect((await bench.call({ ...call, method: 'GET' })).json).toEqual({ status: 'accepted' })
    expect((await bench.call({ method: 'GET', path: `${DEVAUTH}/{id}`, params: { id } })).json).toMatchObject({
      status: 'accepted',
      identity_data: { mac: 'a' },
    })
    expect((await bench.call({ ...call, method: 'PUT', body: { status: 'rejected' } })).status).toBe(204)
    expect(bench.parts.store.devices.get(id)?.status).toBe('rejected')
    expect((await bench.call({ ...call, method: 'PUT', body: { status: 'preauthorized' } })).status).toBe(400)
    expect((await bench.call({ ...call, method: 'PUT', params: { id, aid: 'x' }, body: { status: 'accepted' } })).status).toBe(404)
  })

  it('removes a key, and the device is then without one', async () => {
    const id = bench.addDevice('a')
    const call = { method: 'DELETE' as const, path: `${DEVAUTH}/{id}/auth/{aid}`, params: { id, aid: `${id}-key` } }
    expect((await bench.call(call)).status).toBe(204)
    expect((await bench.call(call)).status).toBe(404)
    expect(bench.parts.store.devices.get(id)?.status).toBe('noauth')
  })

  it('announces a device once, and by force a second key of it', async () => {
    const key = () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const body = { identity_data: { mac: 'a' }, pubkey: key() }
    const made = await bench.call({ method: 'POST', path: DEVAUTH, body })
    const id = String(made.headers.location).split('/').at(-1) ?? ''
    expect((await bench.call({ method: 'GET', path: `${DEVAUTH}/{id}`, params: { id } })).json).toMatchObject({ status: 'preauthorized' })
    expect(await bench.call({ method: 'POST', path: DEVAUTH, body })).toMatchObject({ status: 409, json: { id } })
    expect((await bench.call({ method: 'POST', path: DEVAUTH, body: { ...body, pubkey: key(), force: true } })).status).toBe(201)
    expect(bench.parts.store.authsets.ofDevice(id)).toHaveLength(2)
    for (const wrong of [{ identity_data: { mac: 'b' }, pubkey: 'x' }, { pubkey: body.pubkey }, { ...body, identity_data: {} }])
      expect((await bench.call({ method: 'POST', path: DEVAUTH, body: wrong })).status).toBe(400)
  })

  it('decommissions a device and ends what is deployed to it', async () => {
    await bench.addArtifact('v1')
    const id = bench.addDevice('a')
    await bench.call({
      method: 'POST',
      path: '/api/management/v1/deployments/deployments',
      body: { name: 'd', artifact_name: 'v1', devices: [id] },
    })
    expect((await bench.call({ method: 'DELETE', path: `${DEVAUTH}/{id}`, params: { id } })).status).toBe(204)
    expect((await bench.call({ method: 'DELETE', path: `${DEVAUTH}/{id}`, params: { id } })).status).toBe(404)
    expect(bench.parts.store.deployments.list()).toEqual([
      expect.objectContaining({ status: 'finished', statistics: { decommissioned: 1 } }),
    ])
  })

  it('ends the tokens of a key, which stays accepted', async () => {
    const id = bench.addDevice('a')
    const tokens = openDeviceTokens(bench.parts)
    const token = tokens.issue({ id: `${id}-key`, deviceId: id })
    expect(tokens.check(token).kind).toBe('valid')
    const call = { method: 'DELETE' as const, path: '/api/management/v2/devauth/tokens/{id}', params: { id: `${id}-key` } }
    expect((await bench.call(call)).status).toBe(204)
    expect(tokens.check(token).kind).toBe('refused')
    expect(bench.parts.store.devices.get(id)?.status).toBe('accepted')
    expect(bench.parts.store.authsets.ofDevice(id)).toMatchObject([{ status: 'accepted', fingerprint: 'a' }])
    expect((await bench.call(call)).status).toBe(404)
  })

  it('knows no limit of devices', async () => {
    expect((await bench.call({ method: 'GET', path: '/api/management/v2/devauth/limits/max_devices' })).json).toEqual({ limit: -1 })
  })
})

it('lists devices of several statuses in order of arrival, page by page', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e'].map((mac, index) => bench.addDevice(mac, index % 2 === 0 ? 'pending' : 'accepted'))
  bench.parts.store.devices.remove(ids[1] ?? '')
  const list = async (page: number, statuses: string) => {
    const headers = { authorization: `Bearer ${bench.token}` }
    const answer = await bench.app.inject({ method: 'GET', url: `${DEVAUTH}?per_page=2&page=${page}${statuses}`, headers })
    const macs = answer.json<{ identity_data: { mac: string } }[]>().map((each) => each.identity_data.mac)
    return { macs, total: answer.headers['x-total-count'] }
  }
  const both = '&status=pending&status=accepted&status=pending'
  expect(await list(1, both)).toEqual({ macs: ['a', 'c'], total: '4' })
  expect(await list(2, both)).toEqual({ macs: ['d', 'e'], total: '4' })
  expect(await list(1, '&status=accepted&status=rejected')).toEqual({ macs: ['d'], total: '1' })
})
