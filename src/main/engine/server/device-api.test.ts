import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { abortDeployment } from './deployment-actions.ts'
import { type DeviceBench, openDeviceBench } from './device.cases.ts'

let bench: DeviceBench
beforeEach(async () => {
  bench = await openDeviceBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

const V1 = '/api/devices/v1/deployments/device/deployments'
const V2 = '/api/devices/v2/deployments/device/deployments'
const provides = { artifact_name: 'v1', device_type: 'board' }

interface Call {
  token: string
  payload?: unknown
  headers?: Record<string, string>
}

async function send(method: 'GET' | 'PUT' | 'POST' | 'PATCH', url: string, { token, payload, headers = {} }: Call) {
  const body = payload === undefined || typeof payload === 'string' ? payload : JSON.stringify(payload)
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  return bench.app.inject({ method, url, headers: { authorization: `Bearer ${token}`, ...type, ...headers }, payload: body })
}

const next = (token: string, change: Record<string, string> = {}, headers = {}) =>
  send('POST', `${V2}/next`, { token, payload: { device_provides: { ...provides, ...change }, update_control_map: true }, headers })
const report = (token: string, id: string, status: string) => send('PUT', `${V1}/${id}/status`, { token, payload: { status } })

describe('inventory', () => {
  const URL = '/api/devices/v1/inventory/device/attributes'

  it('is answered with exactly 200 and an empty body of known length', async () => {
    const { id, token } = await bench.join('aa')
    const answer = await send('PUT', URL, { token, payload: [{ name: 'mem', value: '42' }] })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-length']).toBe('0')
    expect(bench.store.inventory.ofDevice(id)).toMatchObject([{ scope: 'inventory', name: 'mem', value: '42' }])
  })

  it('is replaced by PUT and completed by PATCH; a name that comes twice has two values', async () => {
    const { id, token } = await bench.join('aa')
    bench.store.inventory.merge(id, [{ scope: 'tags', name: 'rack', value: '3' }], 1)
    await send('PUT', URL, {
      token,
      payload: [
        { name: 'a', value: '1' },
        { name: 'b', value: 2 },
      ],
    })
    await send('PUT', URL, {
      token,
      payload: [
        { name: 'ip', value: 'x' },
        { name: 'ip', value: ['y'] },
      ],
    })
    await send('PATCH', URL, { token, payload: [{ name: 'c', value: ['1', '2'] }] })
    const values = bench.store.inventory.ofDevice(id).map(({ scope, name, value }) => [scope, name, value])
    expect(values).toEqual([
      ['inventory', 'c', ['1', '2']],
      ['inventory', 'ip', ['x', 'y']],
      ['tags', 'rack', '3'],
    ])
  })

  it('says what the device is and runs, and notes when that changes', async () => {
    const { id, token } = await bench.join('aa')
    const inventory = (name: string) => [
      { name: 'artifact_name', value: name },
      { name: 'device_type', value: 'rpi4' },
    ]
    await send('PUT', URL, { token, payload: inventory('v1') })
    await send('PUT', URL, { token, payload: inventory('v1') })
    await send('PUT', URL, { token, payload: inventory('v2') })
    expect(bench.store.devices.get(id)).toMatchObject({ deviceType: 'rpi4', artifactName: 'v2' })
    const notes = bench.store.timeline.ofDevice(id).filter(({ text }) => text.startsWith('Runs'))
    expect(notes.map(({ text }) => text)).toEqual(['Runs v1', 'Runs v2 (before: v1)'])
  })

  it.each([['{}'], ['[{"value":"x"}]'], ['[']])('is refused with 400 when it is %s', async (payload) => {
    const { token } = await bench.join('aa')
    expect((await send('PUT', URL, { token, payload })).statusCode).toBe(400)
  })
})

describe('the next deployment', () => {
  it('is 204 while there is nothing, in each version, and writes no line per poll', async () => {
    const { id, token } = await bench.join('aa')
    const before = bench.store.timeline.ofDevice(id).length
    expect((await next(token)).statusCode).toBe(204)
    expect((await next(token)).statusCode).toBe(204)
    expect((await send('POST', `${V1}/next`, { token, payload: provides })).statusCode).toBe(204)
    expect((await send('GET', `${V1}/next?artifact_name=v1&device_type=board`, { token })).statusCode).toBe(204)
    const added = bench.store.timeline.ofDevice(id).slice(before)
    expect(added.map(({ text }) => text)).toEqual(['Runs v1'])
  })

  it('names the artifact, with a link by the host that the device used', async () => {
    const { id, token } = await bench.join('aa')
    const artifactId = await bench.addArtifact('v2', Buffer.alloc(5000))
    const deploymentId = bench.deploy('v2', [id])
    const answer = await next(token, {}, { host: 'bench.lab:8443' })
    expect(answer.statusCode).toBe(200)
    const body: unknown = answer.json()
    expect(body).toEqual({
      id: deploymentId,
      artifact: {
        id: artifactId,
        artifact_name: 'v2',
        source: { uri: expect.stringMatching(/^http:\/\/bench\.lab:8443\/api\/devices\/v1\//), expire: expect.stringMatching(/Z$/) },
        device_types_compatible: ['board'],
      },
    })
    expect((await send('POST', `${V1}/next`, { token, payload: provides })).json()).toMatchObject({ id: deploymentId })
    expect((await send('GET', `${V1}/next?artifact_name=v1&device_type=board`, { token })).json()).toMatchObject({ id: deploymentId })
  })

  it('is refused with 400 when the device does not say what it is', async () => {
    const { token } = await bench.join('aa')
    expect((await send('POST', `${V2}/next`, { token, payload: { device_provides: { artifact_name: 'x' } } })).statusCode).toBe(400)
    expect((await send('GET', `${V1}/next`, { token })).statusCode).toBe(400)
  })

  it('closes what does not fit, says why, and goes on with what does', async () => {
    const { id, token } = await bench.join('aa')
    await bench.addArtifact('other', Buffer.alloc(5000), { deviceTypes: ['x', 'y'] })
    await bench.addArtifact('v1', Buffer.alloc(5000))
    await bench.addArtifact('v2', Buffer.alloc(5000))
    const unfit = bench.deploy('other', [id])
    bench.clock.now += 1
    const same = bench.deploy('v1', [id])
    bench.clock.now += 1
    const fit = bench.deploy('v2', [id])
    expect((await next(token)).json()).toMatchObject({ id: fit })
    expect(bench.store.deviceDeployments.get(unfit, id)).toMatchObject({
      status: 'noartifact',
      explanation: 'Its device type "board" is not among "x", "y".',
    })
    expect(bench.store.deviceDeployments.get(same, id)?.status).toBe('already-installed')
    expect(bench.store.deployments.get(unfit)?.status).toBe('finished')
  })

  it('is offered again, unchanged, to a device that lost its state', async () => {
    const { id, token } = await bench.join('aa')
    await bench.addArtifact('v2', Buffer.alloc(5000))
    const deploymentId = bench.deploy('v2', [id])
    await next(token)
    await report(token, deploymentId, 'installing')
    expect((await next(token, { artifact_name: 'v2' })).json()).toMatchObject({ id: deploymentId })
    expect(bench.store.deviceDeployments.get(deploymentId, id)).toMatchObject({ previousArtifactName: 'v1', status: 'installing' })
  })

  it('estimates when the device polls again', async () => {
    const { id, token } = await bench.join('aa')
    for (const gap of [5000, 5000, 5000]) {
      await next(token)
      bench.clock.now += gap
    }
    expect(bench.store.devices.get(id)).toMatchObject({ pollIntervalMs: 5000, lastPollAt: bench.clock.now - 5000 })
  })
})

describe('a status report', () => {
  it('is answered 204, also when it repeats, and the deployment ends with its last device', async () => {
    const [a, b] = [await bench.join('aa'), await bench.join('bb')]
    await bench.addArtifact('v2', Buffer.alloc(5000))
    const id = bench.deploy('v2', [a.id, b.id])
    for (const status of ['downloading', 'downloading', 'installing', 'rebooting', 'installing', 'success'])
      expect((await report(a.token, id, status)).statusCode).toBe(204)
    expect(bench.store.deployments.get(id)).toMatchObject({ status: 'inprogress', statistics: { pending: 1, success: 1 } })
    await report(b.token, id, 'failure')
    expect(bench.store.deployments.get(id)).toMatchObject({ status: 'finished', statistics: { failure: 1, success: 1 } })
    const lines = bench.store.timeline.ofDevice(a.id, id).map(({ text }) => text)
    expect(lines).toEqual(['v2: downloading', 'v2: installing', 'v2: rebooting', 'v2: installing', 'v2: success'])
  })

  it('is 409 after an abort, 404 for a deployment of others, 400 for a word that no device says', async () => {
    const [a, b] = [await bench.join('aa'), await bench.join('bb')]
    await bench.addArtifact('v2', Buffer.alloc(5000))
    const id = bench.deploy('v2', [a.id])
    expect((await report(b.token, id, 'success')).statusCode).toBe(404)
    expect((await report(a.token, id, 'noartifact')).statusCode).toBe(400)
    expect((await report(a.token, id, 'flying')).statusCode).toBe(400)
    await report(a.token, id, 'downloading')
    await abortDeployment(bench.actions, id)
    expect((await report(a.token, id, 'installing')).statusCode).toBe(409)
    expect((await report(a.token, id, 'failure')).statusCode).toBe(409)
    expect(bench.store.deviceDeployments.get(id, a.id)?.status).toBe('aborted')
  })

  it('knows no update control map', async () => {
    const { token } = await bench.join('aa')
    expect((await send('GET', `${V2}/x/update_control_map`, { token })).statusCode).toBe(404)
  })
})

describe('a log', () => {
  it.each([
    [
      'as clients send it',
      '{"messages":[{"timestamp":"2026-05-01T00:00:01Z","level":"error","message":"no"}]}',
      [{ at: '2026-05-01T00:00:01Z', level: 'error', message: 'no' }],
    ],
    [
      'without times and levels',
      '{"messages":[{"message":"bare"},"text",7]}',
      [{ message: 'bare' }, { message: 'text' }, { message: '7' }],
    ],
    ['that is empty', '{"messages":[]}', []],
    ['that is cut short', '{"messages":[{"mess', [{ message: '{"messages":[{"mess' }]],
    ['that is plain text', 'first\n\nsecond\n', [{ message: 'first' }, { message: 'second' }]],
  ])('%s is kept with 204', async (_, payload, messages) => {
    const { id, token } = await bench.join('aa')
    await bench.addArtifact('v2', Buffer.alloc(5000))
    const deployment = bench.deploy('v2', [id])
    expect((await send('PUT', `${V1}/${deployment}/log`, { token, payload })).statusCode).toBe(204)
    expect(bench.store.deviceDeployments.log(deployment, id)).toMatchObject(messages)
    expect(bench.store.deviceDeployments.get(deployment, id)?.hasLog).toBe(true)
    const shown = bench.store.timeline.ofDevice(id, deployment).filter(({ lane }) => lane === 'log')
    expect(shown).toHaveLength(messages.length)
  })

  it('may be 10 MB; the timeline shows what is not routine, and the end', async () => {
    const { id, token } = await bench.join('aa')
    await bench.addArtifact('v2', Buffer.alloc(5000))
    const deployment = bench.deploy('v2', [id])
    const lines = Array.from({ length: 10_000 }, (_, index) => ({
      timestamp: 't',
      level: index === 50 ? 'error' : 'info',
      message: `${index} ${'x'.repeat(1000)}`,
    }))
    expect((await send('PUT', `${V1}/${deployment}/log`, { token, payload: { messages: lines } })).statusCode).toBe(204)
    const shown = bench.store.timeline.ofDevice(id, deployment).filter(({ lane }) => lane === 'log')
    expect(shown).toHaveLength(51)
    expect(shown[0]).toMatchObject({ level: 'error', text: expect.stringMatching(/^50 x/) })
  })

  it('has its limit, and other bodies have a smaller one', async () => {
    const { id, token } = await bench.join('aa')
    await bench.addArtifact('v2', Buffer.alloc(5000))
    const deployment = bench.deploy('v2', [id])
    expect((await send('PUT', `${V1}/${deployment}/log`, { token, payload: 'x'.repeat((16 << 20) + 1) })).statusCode).toBe(413)
    expect((await send('PUT', `${V1}/${deployment}/status`, { token, payload: 'x'.repeat((1 << 20) + 1) })).statusCode).toBe(413)
  })
})
