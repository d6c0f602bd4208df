import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
  await bench.addArtifact('v1')
})
afterEach(() => bench[Symbol.asyncDispose]())

const FILTERS = '/api/management/v2/inventory/filters'
const DEPLOYMENTS = '/api/management/v2/deployments/deployments'
/** These are of Mender's paid plans, which the OpenAPI document does not describe. */
const send = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
  bench.app.inject({ method, url, headers: { authorization: `Bearer ${bench.token}` }, ...(payload && { payload }) })
const idOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['location']).split('/').at(-1) ?? ''
const terms = [{ scope: 'inventory', attribute: 'mem_mb', type: '$gte', value: 512 }]

function addDevice(mac: string, memory: string): string {
  const id = bench.addDevice(mac)
  bench.parts.store.inventory.merge(id, [{ scope: 'inventory', name: 'mem_mb', value: memory }], 1)
  return id
}

describe('a saved filter', () => {
  it('is kept, shown, searched by and removed', async () => {
    const [big] = [addDevice('a', '1024'), addDevice('b', '64')]
    const made = await send('POST', FILTERS, { name: 'big', terms })
    expect(made.statusCode).toBe(201)
    const id = idOf(made)
    expect((await send('GET', FILTERS)).json()).toEqual([{ id, name: 'big', terms }])
    expect((await send('GET', `${FILTERS}/${id}`)).json()).toEqual({ id, name: 'big', terms })
    const found = await send('GET', `${FILTERS}/${id}/search`)
    expect(found.json()).toMatchObject([{ id: big }])
    expect(found.headers['x-total-count']).toBe('1')
    expect((await send('POST', FILTERS, { name: 'big', terms })).statusCode).toBe(409)
    expect((await send('POST', FILTERS, { name: 'no space', terms })).statusCode).toBe(400)
    expect((await send('POST', FILTERS, { name: 'none', terms: [] })).statusCode).toBe(400)
    expect((await send('DELETE', `${FILTERS}/${id}`)).statusCode).toBe(204)
    expect((await send('GET', `${FILTERS}/${id}`)).statusCode).toBe(404)
  })
})

describe('a deployment by a plan', () => {
  it('is for a filter, in phases, with retries, and is shown so', async () => {
    addDevice('a', '1024')
    const filter = idOf(await send('POST', FILTERS, { name: 'big', terms }))
    const start = new Date(Date.now() + 3_600_000).toISOString()
    const body = {
      name: 'd',
      artifact_name: 'v1',
      filter_id: filter,
      retries: 3,
      max_devices: 5,
      phases: [{ batch_size: 10, start_ts: start }, {}],
    }
    expect((await send('POST', DEPLOYMENTS, body)).statusCode).toBe(201)
    const { json } = await bench.call({ method: 'GET', path: DEPLOYMENTS })
    expect(json).toMatchObject([
      {
        retries: 3,
        max_devices: 5,
        dynamic: true,
        filter: { terms },
        phases: [{ batch_size: 10, start_ts: start, device_count: 1 }, { device_count: 0 }],
      },
    ])
  })

  it('with one phase is scheduled', async () => {
    const start = new Date(Date.now() + 3_600_000).toISOString()
    const body = { name: 'd', artifact_name: 'v1', devices: [addDevice('a', '1')], phases: [{ start_ts: start }] }
    expect((await send('POST', DEPLOYMENTS, body)).statusCode).toBe(201)
    expect((await bench.call({ method: 'GET', path: DEPLOYMENTS })).json).toMatchObject([
      { status: 'scheduled', phases: [{ start_ts: start }] },
    ])
    const v1 = '/api/management/v1/deployments/deployments'
    expect((await bench.call({ method: 'GET', path: v1, query: '?status=pending' })).json).toMatchObject([{ status: 'pending' }])
  })

  it.each([
    ['nobody to deploy to', {}, 400],
    ['an unknown filter', { filter_id: 'x' }, 422],
    ['an unknown artifact', { all_devices: true, artifact_name: 'v9' }, 422],
    ['a phase of 101 percent', { all_devices: true, phases: [{ batch_size: 101 }] }, 400],
    ['a time that is none', { all_devices: true, phases: [{ start_ts: 'tomorrow' }] }, 400],
    ['a largest number of devices without a filter', { all_devices: true, max_devices: 1 }, 400],
  ])('is refused for %s', async (_, change, status) => {
    addDevice('a', '1')
    expect((await send('POST', DEPLOYMENTS, { name: 'd', artifact_name: 'v1', ...change })).statusCode).toBe(status)
  })
})
