import { describe, expect, it } from 'vitest'
import { libraryCheck, readArtifact } from '../artifact/read.ts'
import { configureDevice, deployConfiguration, removeSpent } from './configuration-actions.ts'
import { decommissionDevice } from './device-actions.ts'
import { type Bench, type Call, openBench } from './management.cases.ts'
import { openDeviceBench } from './device.cases.ts'

const ONE = '/api/management/v1/deviceconfig/configurations/device/{deviceId}'
const DEVICE = '/api/devices/v1/deviceconfig/configuration'

describe('the configuration of a device', () => {
  it('is set and read, and keeps to the document', async () => {
    await using bench = await openBench()
    const deviceId = bench.addDevice('02:00:00:00:00:01')
    const call = (method: Call['method'], path: string, body?: unknown) =>
      bench.call({ method, path, params: { deviceId }, ...(body === undefined ? {} : { body }) })
    expect((await call('GET', ONE)).json).toMatchObject({ id: deviceId, configured: {}, reported: {} })
    expect((await call('PUT', ONE, { timezone: 'UTC', level: '3' })).status).toBe(204)
    expect((await call('GET', ONE)).json).toMatchObject({ configured: { timezone: 'UTC', level: '3' } })
    for (const wrong of [
      { number: 3 },
      { long: 'x'.repeat(4097) },
      Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, 'v'])),
      [],
    ])
      expect((await call('PUT', ONE, wrong)).status).toBe(400)
    expect((await bench.call({ method: 'GET', path: ONE, params: { deviceId: 'nobody' } })).status).toBe(404)
    expect((await bench.call({ method: 'PUT', path: ONE, params: { deviceId: 'nobody' }, body: {} })).status).toBe(400)
  })

  it('is not deployed to a device of unknown type, and to one of a known type as one that waits for the answer', async () => {
    await using bench = await openBench(libraryCheck())
    const deviceId = bench.addDevice('02:00:00:00:00:01')
    const deploy = () => bench.call({ method: 'POST', path: `${ONE}/deploy`, params: { deviceId }, body: { retries: 0 } })
    expect((await deploy()).status).toBe(400)
    bench.parts.store.devices.setReported(deviceId, { deviceType: 'board', artifactName: null, at: 1 })
    const { status, json } = await deploy()
    expect([status, json]).toEqual([200, { deployment_id: expect.any(String) }])
    expect((await bench.call({ method: 'GET', path: ONE, params: { deviceId } })).json).toMatchObject(Object(json))
    const listed = await bench.call({ method: 'GET', path: '/api/management/v1/deployments/deployments', query: '?type=configuration' })
    expect(listed.json).toMatchObject([{ type: 'configuration', device_count: 1 }])
    const artifacts = await bench.call({ method: 'GET', path: '/api/management/v1/deployments/artifacts' })
    expect(artifacts.json).toEqual([])
  })

  describe('that changes while it is made into an artifact', () => {
    /** Deploys it, with something that happens just before the artifact is kept, or just after. */
    async function deployWith(bench: Bench, deviceId: string, { before, after }: { before?: () => void; after?: () => Promise<void> }) {
      const { artifactFiles, ...others } = bench.parts
      const stage: typeof artifactFiles.stage = async (...given) => {
        const staged = await artifactFiles.stage(...given)
        before?.()
        return {
          ...staged,
          async [Symbol.asyncDispose]() {
            await after?.()
            await staged[Symbol.asyncDispose]()
          },
        }
      }
      return deployConfiguration({ ...others, artifactFiles: { ...artifactFiles, stage } }, { deviceId, updateControlMap: null })
    }
    async function openWithDevice() {
      const bench = await openBench(libraryCheck())
      const deviceId = bench.addDevice('02:00:00:00:00:01')
      bench.parts.store.devices.setReported(deviceId, { deviceType: 'board', artifactName: null, at: 1 })
      configureDevice(bench.parts, deviceId, { level: '1' })
      return { bench, deviceId, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() }
    }

    it('is there for the device, though another one clears up', async () => {
      await using opened = await openWithDevice()
      const { bench, deviceId } = opened
      const { id } = await deployWith(bench, deviceId, { after: () => removeSpent(bench.parts) })
      expect(bench.parts.store.artifacts.byName(`configuration-${id}`)).toHaveLength(1)
    })

    it('stays as it was set last', async () => {
      await using opened = await openWithDevice()
      const { bench, deviceId } = opened
      await deployWith(bench, deviceId, { before: () => configureDevice(bench.parts, deviceId, { level: '2' }) })
      expect(bench.parts.store.configurations.get(deviceId).configured).toEqual({ level: '2' })
    })

    it('goes to no device that is decommissioned', async () => {
      await using opened = await openWithDevice()
      const { bench, deviceId } = opened
      const deploying = deployWith(bench, deviceId, { before: () => decommissionDevice(bench.parts, deviceId) })
      await expect(deploying).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(bench.parts.store.deployments.list()).toEqual([])
      expect(bench.parts.store.artifacts.generatedAndOver()).toEqual([])
    })
  })

  it('reaches the device as an artifact of mender-configure: its meta-data is the configuration, and old clients take it', async () => {
    await using bench = await openDeviceBench(libraryCheck())
    const { id, token } = await bench.join('aa')
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const login = { authorization: `Bearer ${bench.login.adminSession()}`, 'content-type': 'application/json' }
    const next = () =>
      bench.app.inject({
        method: 'POST',
        url: '/api/devices/v2/deployments/device/deployments/next',
        headers,
        payload: { device_provides: { artifact_name: 'v1', device_type: 'board' } },
      })
    expect((await next()).statusCode).toBe(204)
    const values = { timezone: 'Europe/Berlin', hostname: 'bench 1' }
    const path = ONE.replace('{deviceId}', id)
    await bench.app.inject({ method: 'PUT', url: path, headers: login, payload: values })
    expect((await bench.app.inject({ url: DEVICE, headers })).json()).toEqual(values)
    const deployed = await bench.app.inject({ method: 'POST', url: `${path}/deploy`, headers: login, payload: {} })
    const { deployment_id: deploymentId } = deployed.json()
    const offered = (await next()).json()
    expect(offered).toMatchObject({
      id: deploymentId,
      artifact: { artifact_name: `configuration-${deploymentId}`, device_types_compatible: ['board'] },
    })
    const { pathname, search } = new URL(offered.artifact.source.uri)
    const file = (await bench.app.inject({ url: `${pathname}${search}` })).rawPayload
    expect(file.length).toBeGreaterThanOrEqual(4096)
    const content = await readArtifact(one(file), {})
    expect(content).toMatchObject({
      payloadType: 'mender-configure',
      metaData: values,
      files: [],
      provides: { 'data-partition.mender-configure.version': `configuration-${deploymentId}` },
      clearsProvides: ['data-partition.mender-configure.*'],
    })

    await bench.app.inject({ method: 'PUT', url: DEVICE, headers, payload: values })
    expect((await bench.app.inject({ url: path, headers: login })).json()).toMatchObject({
      reported: values,
      reported_ts: expect.any(String),
    })
    await removeSpent(bench.actions)
    expect(bench.store.artifacts.byName(`configuration-${deploymentId}`)).toHaveLength(1)
    await bench.app.inject({
      method: 'PUT',
      url: `/api/devices/v1/deployments/device/deployments/${deploymentId}/status`,
      headers,
      payload: { status: 'success' },
    })
    await removeSpent(bench.actions)
    expect(bench.store.artifacts.byName(`configuration-${deploymentId}`)).toHaveLength(0)
  })
})

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}
