import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, type Call, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

const V1 = '/api/management/v1/inventory'
const SEARCH = '/api/management/v2/inventory/filters/search'
const get = (path: string, call: Partial<Call> = {}) => bench.call({ method: 'GET', path, ...call })

function addDevice(mac: string, inventory: Record<string, string | string[]>, group: string | null = null): string {
  const id = bench.addDevice(mac)
  const attributes = Object.entries(inventory).map(([name, value]) => ({ scope: 'inventory', name, value }))
  bench.parts.store.inventory.merge(id, attributes, 1000)
  if (group !== null) bench.parts.store.devices.setGroup([id], group)
  return id
}

async function search(body: Record<string, unknown>): Promise<string[]> {
  const { text, status } = await bench.call({ method: 'POST', path: SEARCH, body })
  expect(status).toBe(200)
  return JSON.parse(text).map(({ id }: { id: string }) => id)
}

describe('the inventory', () => {
  it('shows attributes of every scope', async () => {
    const id = addDevice('a', { kernel: '6.1', ip: ['10.0.0.1', '10.0.0.2'] }, 'lab')
    const { json, headers } = await get(`${V1}/devices/{id}`, { params: { id } })
    expect(headers.etag).toMatch(/^"\w+"$/)
    expect(json).toMatchObject({ id })
    const attributes = [
      { scope: 'identity', name: 'mac', value: 'a' },
      { scope: 'identity', name: 'status', value: 'accepted' },
      { scope: 'system', name: 'group', value: 'lab' },
      { scope: 'inventory', name: 'ip', value: ['10.0.0.1', '10.0.0.2'] },
      { scope: 'inventory', name: 'kernel', value: '6.1', timestamp: '1970-01-01T00:00:01.000Z' },
    ]
    expect(json).toMatchObject({ attributes: expect.arrayContaining(attributes.map((each) => expect.objectContaining(each))) })
    expect((await get(`${V1}/devices/{id}`, { params: { id: 'x' } })).status).toBe(404)
  })

  it('lists devices by group and in order', async () => {
    const a = addDevice('a', { n: '10' }, 'lab')
    const b = addDevice('b', { n: '9' })
    const ids = async (query: string) => JSON.parse((await get(`${V1}/devices`, { query })).text).map(({ id }: { id: string }) => id)
    expect(await ids('?sort=n:asc')).toEqual([b, a])
    expect(await ids('?sort=n:desc&per_page=1')).toEqual([a])
    expect(await ids('?group=lab')).toEqual([a])
    expect(await ids('?has_group=false')).toEqual([b])
    expect((await get(`${V1}/devices`, { query: '?has_group=maybe' })).status).toBe(400)
  })

  it('finds by filters, which all have to hold, and compares numbers as numbers', async () => {
    const a = addDevice('a', { cores: '10', type: 'pi' }, 'lab')
    const b = addDevice('b', { cores: '9', type: 'pi' })
    const term = (attribute: string, type: string, value: unknown, scope = 'inventory') => ({ scope, attribute, type, value })
    expect(await search({})).toEqual([a, b])
    expect(await search({ filters: [term('cores', '$gt', '9')] })).toEqual([a])
    expect(await search({ filters: [term('type', '$eq', 'pi'), term('cores', '$in', ['9', '8'])] })).toEqual([b])
    expect(await search({ filters: [term('group', '$exists', true, 'system')] })).toEqual([a])
    expect(await search({ filters: [term('id', '$eq', b, 'identity')] })).toEqual([b])
    expect(await search({ filters: [term('status', '$ne', 'accepted', 'identity')] })).toEqual([])
    expect(await search({ device_ids: [b] })).toEqual([b])
    expect(await search({ text: 'LAB' })).toEqual([a])
    expect(
      await search({
        sort: [
          { scope: 'inventory', attribute: 'type' },
          { scope: 'inventory', attribute: 'cores', order: 'asc' },
        ],
      }),
    ).toEqual([b, a])
    expect(await search({ page: 2, per_page: 1 })).toEqual([b])
    expect((await bench.call({ method: 'POST', path: SEARCH, body: { filters: [term('a', '$like', 'x')] } })).status).toBe(400)
  })

  it('answers only the attributes that were asked for, and how many devices there are in all', async () => {
    addDevice('a', { cores: '10', type: 'pi' })
    addDevice('b', {})
    const { json, headers } = await bench.call({
      method: 'POST',
      path: SEARCH,
      body: { attributes: [{ scope: 'inventory', attribute: 'type' }], per_page: 1 },
    })
    expect(json).toMatchObject([{ attributes: [{ name: 'type', value: 'pi' }] }])
    expect(headers['x-total-count']).toBe('2')
  })

  it('names the attributes that can be searched for', async () => {
    addDevice('a', { cores: '10' })
    const { json } = await get('/api/management/v2/inventory/filters/attributes')
    expect(json).toEqual(
      expect.arrayContaining([
        { scope: 'inventory', name: 'cores', count: 1 },
        { scope: 'identity', name: 'mac', count: 1 },
      ]),
    )
  })

  it('counts the devices by status and tier', async () => {
    addDevice('a', {})
    bench.addDevice('b', 'pending')
    expect((await get('/api/management/v2/inventory/statistics')).json).toEqual({
      devices_by_status: { accepted: { standard: 1, micro: 0, system: 0 }, pending: { standard: 1, micro: 0, system: 0 } },
    })
  })

  it('forgets what a device has said', async () => {
    const id = addDevice('a', { cores: '10' })
    for (const of of [id, 'x'])
      expect((await bench.call({ method: 'DELETE', path: `${V1}/devices/{id}`, params: { id: of } })).status).toBe(204)
    expect(bench.parts.store.inventory.ofDevice(id)).toEqual([])
    expect(bench.parts.store.devices.get(id)?.status).toBe('accepted')
  })

  it('keeps tags, and refuses to overwrite those that have changed meanwhile', async () => {
    const id = addDevice('a', {})
    const one = { path: `${V1}/devices/{id}/tags`, params: { id } }
    const etag = String((await get(`${V1}/devices/{id}`, { params: { id } })).headers.etag)
    const put = (body: unknown, headers: Record<string, string> = {}) => bench.call({ ...one, method: 'PUT', body, headers })
    expect((await put([{ name: 'desk', value: '4' }], { 'if-match': etag })).status).toBe(200)
    expect((await put([], { 'if-match': etag })).status).toBe(412)
    expect((await bench.call({ ...one, method: 'PATCH', body: [{ name: 'row', value: '1' }] })).status).toBe(200)
    const tags = () => bench.parts.store.inventory.ofDevice(id).map(({ scope, name, value }) => [scope, name, value])
    expect(tags()).toEqual([
      ['tags', 'desk', '4'],
      ['tags', 'row', '1'],
    ])
    expect((await put(Array.from({ length: 21 }, (_, number) => ({ name: `t${number}`, value: '' })))).status).toBe(400)
  })
})

describe('groups', () => {
  it('come and go with their devices', async () => {
    const [a, b] = [addDevice('a', {}), addDevice('b', {})]
    const one = { path: `${V1}/devices/{id}/group`, params: { id: a } }
    expect((await bench.call({ ...one, method: 'PUT', body: { group: 'lab' } })).status).toBe(204)
    expect((await bench.call({ ...one, method: 'PUT', body: { group: 'no spaces' } })).status).toBe(400)
    expect((await bench.call({ ...one, method: 'GET' })).json).toEqual({ group: 'lab' })
    expect((await get(`${V1}/groups`)).json).toEqual(['lab'])
    const members = { path: `${V1}/groups/{name}/devices`, params: { name: 'lab' } }
    expect((await bench.call({ ...members, method: 'PATCH', body: [a, b, 'x'] })).json).toEqual({ updated_count: 1, matched_count: 2 })
    expect((await bench.call({ ...members, method: 'GET', query: '?per_page=1' })).json).toEqual([a])
    expect((await bench.call({ ...members, method: 'DELETE', body: [b] })).json).toEqual({ updated_count: 1 })
    expect((await bench.call({ method: 'DELETE', path: `${V1}/devices/{id}/group/{name}`, params: { id: b, name: 'lab' } })).status).toBe(
      404,
    )
    expect((await bench.call({ method: 'DELETE', path: `${V1}/devices/{id}/group/{name}`, params: { id: a, name: 'lab' } })).status).toBe(
      204,
    )
    expect((await bench.call({ ...members, method: 'GET' })).status).toBe(404)
  })

  it('are dissolved with all their devices left', async () => {
    addDevice('a', {}, 'lab')
    addDevice('b', {}, 'lab')
    expect((await bench.call({ method: 'DELETE', path: `${V1}/groups/{name}`, params: { name: 'lab' } })).json).toEqual({
      updated_count: 2,
    })
    expect((await bench.call({ method: 'DELETE', path: `${V1}/groups/{name}`, params: { name: 'lab' } })).status).toBe(404)
    expect((await get(`${V1}/groups`)).json).toEqual([])
  })
})
