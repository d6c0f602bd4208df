import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, type Call, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
  await bench.addArtifact('v1')
})
afterEach(() => bench[Symbol.asyncDispose]())

const PATH = '/api/management/v1/deployments/deployments'
const ONE = `${PATH}/{deployment_id}`

async function deploy(body: Record<string, unknown>): Promise<string> {
  const { status, headers } = await bench.call({ method: 'POST', path: PATH, body: { name: 'd', artifact_name: 'v1', ...body } })
  expect(status).toBe(201)
  return String(headers.location).split('/').at(-1) ?? ''
}

const get = (path: string, call: Partial<Call> = {}) => bench.call({ method: 'GET', path, ...call })
const statusOf = async (id: string) => JSON.parse((await get(`${PATH}/{id}`, { params: { id } })).text).status
const abort = (id: string) =>
  bench.call({ method: 'PUT', path: `${ONE}/status`, params: { deployment_id: id }, body: { status: 'aborted' } })

/** As a device's status report does it. */
function report(deploymentId: string, deviceId: string, status: 'downloading' | 'success' | 'failure'): void {
  const { deviceDeployments } = bench.parts.store
  const each = deviceDeployments.get(deploymentId, deviceId)
  if (!each) throw new Error('unknown')
  deviceDeployments.update({ ...each, status, startedAt: 1, finishedAt: status === 'downloading' ? null : 2 })
}

describe('a deployment', () => {
  it('is for the devices of a list, of a group, or for all accepted ones at that moment', async () => {
    const [a, b] = [bench.addDevice('a'), bench.addDevice('b')]
    bench.addDevice('c', 'pending')
    bench.parts.store.devices.setGroup([b], 'lab')
    const devicesOf = async (id: string) => (await get(`${PATH}/{id}/device_list`, { params: { id } })).json
    expect(await devicesOf(await deploy({ name: 'one', devices: [a, a] }))).toEqual([a])
    expect(await devicesOf(await deploy({ name: 'all', all_devices: true }))).toEqual([a, b])
    const made = await bench.call({
      method: 'POST',
      path: `${PATH}/group/{name}`,
      params: { name: 'lab' },
      body: { name: 'g', artifact_name: 'v1' },
    })
    const id = String(made.headers.location).split('/').at(-1) ?? ''
    bench.addDevice('late')
    expect(await devicesOf(id)).toEqual([b])
    expect((await get(`${PATH}/{id}`, { params: { id } })).json).toMatchObject({
      groups: ['lab'],
      device_count: 1,
      status: 'pending',
      type: 'software',
    })
  })

  it.each([
    ['an artifact that is not there', { artifact_name: 'v9', all_devices: true }, 422],
    ['no devices', { devices: [] }, 400],
    ['both a list and all devices', { devices: ['x'], all_devices: true }, 400],
    ['an unknown device', { devices: ['x'] }, 400],
    ['no name', { name: '', all_devices: true }, 400],
  ])('is refused for %s', async (_, body, status) => {
    bench.addDevice('a')
    expect((await bench.call({ method: 'POST', path: PATH, body: { name: 'd', artifact_name: 'v1', ...body } })).status).toBe(status)
    expect(bench.parts.store.deployments.list()).toEqual([])
  })

  it('is refused for pending devices and for an empty group', async () => {
    const id = bench.addDevice('a', 'pending')
    for (const target of [{ devices: [id] }, { all_devices: true }])
      expect((await bench.call({ method: 'POST', path: PATH, body: { name: 'd', artifact_name: 'v1', ...target } })).status).toBe(400)
    const group = { path: `${PATH}/group/{name}`, params: { name: 'none' }, body: { name: 'd', artifact_name: 'v1' } }
    expect((await bench.call({ ...group, method: 'POST' })).status).toBe(400)
  })

  it('is refused while the same one is unfinished, and only then', async () => {
    const device = bench.addDevice('a')
    const id = await deploy({ devices: [device] })
    const again = () => bench.call({ method: 'POST', path: PATH, body: { name: 'd', artifact_name: 'v1', devices: [device] } })
    expect((await again()).status).toBe(409)
    await deploy({ devices: [device], force_installation: true })
    await deploy({ devices: [device], name: 'other' })
    await abort(id)
    expect((await again()).status).toBe(201)
  })

  it('counts what became of each device', async () => {
    const devices = ['a', 'b', 'c'].map((mac) => bench.addDevice(mac))
    const id = await deploy({ devices })
    const params = { deployment_id: id }
    expect(await statusOf(id)).toBe('pending')
    report(id, devices[0] ?? '', 'success')
    report(id, devices[1] ?? '', 'downloading')
    expect(await statusOf(id)).toBe('inprogress')
    expect((await get(`${ONE}/statistics`, { params })).json).toMatchObject({
      success: 1,
      downloading: 1,
      pending: 1,
      failure: 0,
      noartifact: 0,
    })
    expect((await bench.call({ method: 'POST', path: `${PATH}/statistics/list`, body: { deployment_ids: [id] } })).json).toMatchObject([
      { id, stats: { success: 1 } },
    ])
    expect((await get(`${ONE}/devices`, { params })).json).toHaveLength(3)
    const list = async (status: string) =>
      JSON.parse((await get(`${ONE}/devices/list`, { params, query: `?status=${status}` })).text).map((each: { id: string }) => each.id)
    expect(await list('success')).toEqual([devices[0]])
    expect(await list('active')).toEqual([devices[1], devices[2]])
    expect(await list('finished')).toEqual([devices[0]])
    expect((await get(`${ONE}/devices/list`, { params, query: '?per_page=1&page=2' })).headers['x-total-count']).toBe('3')
  })

  it('is aborted on the devices that have not finished, once', async () => {
    const devices = ['a', 'b'].map((mac) => bench.addDevice(mac))
    const id = await deploy({ devices })
    report(id, devices[0] ?? '', 'success')
    expect((await abort(id)).status).toBe(204)
    expect(await statusOf(id)).toBe('finished')
    expect((await get(`${ONE}/statistics`, { params: { deployment_id: id } })).json).toMatchObject({ success: 1, aborted: 1, pending: 0 })
    expect((await abort(id)).status).toBe(422)
    expect((await abort('x')).status).toBe(404)
    expect(
      (await bench.call({ method: 'PUT', path: `${ONE}/status`, params: { deployment_id: id }, body: { status: 'finished' } })).status,
    ).toBe(400)
  })

  it('is listed with filters and pages', async () => {
    const device = bench.addDevice('a')
    const first = await deploy({ name: 'first', devices: [device] })
    const second = await deploy({ name: 'second', devices: [device] })
    await abort(first)
    const idsOf = async (path: string, query: string) => JSON.parse((await get(path, { query })).text).map(({ id }: { id: string }) => id)
    for (const path of [PATH, '/api/management/v2/deployments/deployments']) {
      expect(await idsOf(path, '')).toEqual([second, first])
      expect(await idsOf(path, '?sort=asc&per_page=1')).toEqual([first])
      expect(await idsOf(path, '?status=finished')).toEqual([first])
      expect(await idsOf(path, '?created_after=99999999999')).toEqual([])
      expect(await idsOf(path, '?type=configuration')).toEqual([])
    }
    expect(await idsOf(PATH, '?search=SECO')).toEqual([second])
    expect((await get(PATH, { query: '?status=funny' })).status).toBe(400)
    expect((await get(`${PATH}/{id}`, { params: { id: 'x' } })).status).toBe(404)
  })

  it('shows the log that a device has sent, as text', async () => {
    const device = bench.addDevice('a')
    const id = await deploy({ devices: [device] })
    const call = { params: { deployment_id: id, device_id: device } }
    expect((await get(`${ONE}/devices/{device_id}/log`, call)).status).toBe(404)
    const message = { at: '2026-01-02T03:04:05Z', level: 'error', message: 'no boot' }
    bench.parts.store.deviceDeployments.setLog({ deploymentId: id, deviceId: device }, [message], 1)
    expect((await get(`${ONE}/devices/{device_id}/log`, call)).text).toBe('2026-01-02T03:04:05Z error: no boot\n')
  })

  it('can be looked at, and stopped, for one device', async () => {
    const devices = ['a', 'b'].map((mac) => bench.addDevice(mac))
    const id = await deploy({ devices })
    const call = { path: `${PATH}/devices/{id}`, params: { id: devices[0] ?? '' } }
    expect((await bench.call({ ...call, method: 'GET' })).json).toMatchObject([
      { deployment: { id }, device: { id: devices[0], status: 'pending' } },
    ])
    expect((await bench.call({ ...call, method: 'DELETE' })).status).toBe(204)
    expect(bench.parts.store.deployments.get(id)?.statistics).toEqual({ aborted: 1, pending: 1 })
  })
  it('is put aside for one device: gone from its history, or begun anew where it goes on', async () => {
    const devices = ['a', 'b'].map((mac) => bench.addDevice(mac))
    const [a = '', b = ''] = devices
    const ended = await deploy({ name: 'ended', devices: [a] })
    const running = await deploy({ name: 'running', devices })
    for (const id of [ended, running]) report(id, a, 'failure')
    const one = { path: `${PATH}/devices/{id}`, params: { id: a } }
    expect((await bench.call({ ...one, method: 'GET' })).json).toHaveLength(2)
    expect((await bench.call({ ...one, path: `${one.path}/history`, method: 'DELETE' })).status).toBe(204)
    expect((await bench.call({ ...one, method: 'GET' })).json).toMatchObject([
      { deployment: { id: running }, device: { status: 'pending' } },
    ])
    expect((await get(`${ONE}/devices`, { params: { deployment_id: ended } })).json).toMatchObject([
      { status: 'failure', deleted: expect.stringMatching(/Z$/) },
    ])
    for (const device of [a, b]) report(running, device, 'success')
    expect(await statusOf(running)).toBe('finished')
  })

  it('is found by ids and names', async () => {
    const devices = [bench.addDevice('a')]
    const [one, two] = [await deploy({ name: 'one', devices }), await deploy({ name: 'two', devices })]
    const path = '/api/management/v2/deployments/deployments'
    const idsOf = async (query: string) => JSON.parse((await get(path, { query })).text).map(({ id }: { id: string }) => id)
    expect(await idsOf(`?id=${one}&id=${two}&sort=asc`)).toEqual([one, two])
    expect(await idsOf(`?id=${one}&id=${two}&name=two`)).toEqual([two])
    expect(await idsOf('?name=none')).toEqual([])
  })
})
