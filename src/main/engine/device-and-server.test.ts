import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineClient } from '../cli/context.ts'
import { now, until } from '../cli/live.ts'
import type { DeploymentDetail } from '../contract/deployments.ts'
import { generateKeyPair } from './artifact/keys.ts'
import { type SimulatedDevice, createSimulatedDevice } from './device/device.ts'
import { type DeviceOptions, type Faults, NO_FAULTS } from './device/options.ts'
import { bootableImage, makeArtifact, noise } from './device/test-device.cases.ts'
import { type Engine, createEngine } from './engine.ts'
import { nodeHost } from './host.node.ts'

const loopback = { host: '127.0.0.1', port: 0 }

describe('simulated devices against the real server', () => {
  const host = nodeHost()
  let folder = ''
  let engine: Engine
  let client: EngineClient
  let devices: SimulatedDevice[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-devices-'))
    engine = await createEngine(host, { dataFolder: join(folder, 'engine'), http: loopback, https: loopback, acceptMode: 'all' })
    client = createRouterClient(engine.router)
    devices = []
  })
  afterEach(async () => {
    await Promise.all(devices.map((device) => device.stop()))
    await engine.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Switches a device on and answers its id once the server knows what it runs. */
  async function joinBench(
    number: number,
    changes: Partial<DeviceOptions> & { fault?: Partial<Faults>; isHttps?: boolean } = {},
  ): Promise<string> {
    const { fault, isHttps, ...others } = changes
    const status = await now(client.server.status())
    const mac = `02:00:00:00:01:${String(number).padStart(2, '0')}`
    const device = await createSimulatedDevice(
      {
        ...{
          folder: join(folder, mac.replaceAll(':', '')),
          name: `virtual ${number}`,
          mac,
          deviceType: 'virtual',
          keyAlgorithm: 'p256',
          slotSizeBytes: 1 << 20,
        },
        factory: { artifactName: 'factory', imagePath: null },
        serverUrl: () => (isHttps ? status.https : status.http) ?? '',
        caPem: () => status.caPem,
        verificationKeys: () => [],
        faults: { ...NO_FAULTS, ...fault },
        intervals: { pollMs: 100, retryMs: 100, resumeMs: 50, bootMs: 30 },
        ...others,
      },
      host,
    )
    devices.push(device)
    device.powerOn()
    const all = await until(client.devices.list(), (list) =>
      list.some((each) => each.identity['mac'] === mac && each.artifactName !== null),
    )
    return all.find((each) => each.identity['mac'] === mac)?.id ?? ''
  }

  async function upload(name: string, parts: Omit<Parameters<typeof makeArtifact>[0], 'name'> = {}): Promise<void> {
    const path = join(folder, `${name}.mender`)
    await writeFile(path, await makeArtifact({ name, ...parts }))
    const { jobId } = await client.artifacts.add({ path, description: '' })
    const jobs = await until(client.jobs.list(), (all) => all.some((job) => job.id === jobId && job.state !== 'running'))
    expect(jobs.find(({ id }) => id === jobId)).toMatchObject({ state: 'done' })
  }

  async function deploy(artifactName: string, ids: string[]): Promise<string> {
    return (await client.deployments.create({ name: artifactName, artifactName, target: { kind: 'devices', ids } })).id
  }

  const finished = (id: string): Promise<DeploymentDetail> => until(client.deployments.show({ id }), ({ status }) => status === 'finished')
  const log = async (id: string, deviceId: string) => {
    await until(client.deployments.show({ id }), (each) => each.devices.some((device) => device.deviceId === deviceId && device.hasLog))
    return (await client.deployments.log({ id, deviceId })).map(({ message }) => message).join('\n')
  }
  const runningSlot = (index: number) => devices[index]?.observation().slots.find(({ isRunning }) => isRunning)?.name

  it('update over http and https, with keys of every kind', async () => {
    await upload('v2')
    const ids = [
      await joinBench(1),
      await joinBench(2, { isHttps: true }),
      await joinBench(3, { keyAlgorithm: 'ed25519', isHttps: true }),
      await joinBench(4, { keyAlgorithm: 'rsa-3072' }),
    ]
    const id = await deploy('v2', ids)
    expect((await finished(id)).statistics).toEqual({ success: 4 })
    const all = await until(client.devices.list(), (list) => list.every(({ artifactName }) => artifactName === 'v2'))
    expect(all).toHaveLength(4)
    expect(devices.map((_, index) => runningSlot(index))).toEqual(['B', 'B', 'B', 'B'])
  })

  it('are refused where they do not know the certificate', async () => {
    const device = await createSimulatedDevice(
      {
        ...{
          folder: join(folder, 'stranger'),
          name: 'stranger',
          mac: '02:ff',
          deviceType: 'virtual',
          keyAlgorithm: 'p256',
          slotSizeBytes: 1 << 16,
        },
        ...{ factory: { artifactName: 'factory', imagePath: null }, caPem: () => null, verificationKeys: () => [], faults: NO_FAULTS },
        ...{
          serverUrl: () => engine.urls.find((url) => url.startsWith('https:')) ?? '',
          intervals: { pollMs: 50, retryMs: 50, resumeMs: 50, bootMs: 1 },
        },
      },
      host,
    )
    devices.push(device)
    device.powerOn()
    while (!device.observation().consoleLines.some((line) => line.includes('certificate'))) await host.clock.sleep(20)
    expect(await now(client.devices.list())).toEqual([])
  })

  it('roll back an image that does not boot, each at its own point, and say why', async () => {
    await upload('broken', { content: noise(9000) })
    await upload('good')
    const id = await joinBench(1)
    const broken = await deploy('broken', [id])
    expect((await finished(broken)).statistics).toEqual({ failure: 1 })
    expect(await log(broken, id)).toContain('Slot B did not come up')
    expect(runningSlot(0)).toBe('A')
    const good = await deploy('good', [id])
    expect((await finished(good)).statistics).toEqual({ success: 1 })
  })

  it('fail where they are told to', async () => {
    await upload('v2')
    const points = ['download', 'install', 'reboot', 'commit', 'after-commit'] as const
    const ids = []
    for (const [index, failAt] of points.entries()) ids.push(await joinBench(index + 1, { fault: { failAt } }))
    const id = await deploy('v2', ids)
    expect((await finished(id)).statistics).toEqual({ failure: 5 })
    expect(points.map((_, index) => runningSlot(index))).toEqual(['A', 'A', 'A', 'A', 'B'])
  })

  it('go on with a broken download by Range, and refuse a corrupted one', async () => {
    await upload('v2', { content: Uint8Array.from([...bootableImage(), ...noise(300_000)]) })
    const broken = await joinBench(1, { fault: { breakAtBytes: 100_000 } })
    const corrupted = await joinBench(2, { fault: { corruptAtByte: 200_000 } })
    const id = await deploy('v2', [broken, corrupted])
    const { devices: ended } = await finished(id)
    expect(Object.fromEntries(ended.map(({ deviceId, status }) => [deviceId, status]))).toEqual({
      [broken]: 'success',
      [corrupted]: 'failure',
    })
    expect(devices[0]?.observation().consoleLines.join('\n')).toContain('download goes on at byte 100000')
    expect(await log(id, corrupted)).toContain('checksum mismatch')
  })

  it('stop when the deployment is aborted, and stay on their slot', async () => {
    await upload('v2', { content: Uint8Array.from([...bootableImage(), ...noise(500_000)]) })
    const id = await joinBench(1, { fault: { speedBytesPerSecond: 100_000 } })
    const deployment = await deploy('v2', [id])
    await until(client.deployments.show({ id: deployment }), (each) => each.devices.some(({ status }) => status === 'downloading'))
    await client.deployments.abort({ id: deployment })
    while (!devices[0]?.observation().consoleLines.some((line) => line.includes('aborted on the server'))) await host.clock.sleep(20)
    expect(runningSlot(0)).toBe('A')
    expect((await now(client.deployments.show({ id: deployment }))).statistics).toEqual({ aborted: 1 })
  })

  it('authenticate anew when they are dismissed and accepted again', async () => {
    const id = await joinBench(1)
    const [device] = await now(client.devices.list())
    const authsetId = device?.authsets[0]?.id ?? ''
    await client.devices.setAuthStatus({ id, authsetId, status: 'rejected' })
    while (!devices[0]?.observation().consoleLines.some((line) => line.includes('not accepted yet'))) await host.clock.sleep(20)
    await upload('v2')
    await client.devices.setAuthStatus({ id, authsetId, status: 'accepted' })
    expect((await finished(await deploy('v2', [id]))).statistics).toEqual({ success: 1 })
  })

  it('take only what is signed when they have a verification key', async () => {
    const key = await generateKeyPair('rsa-3072')
    await upload('unsigned')
    await upload('signed', { privateKeyPem: key.privateKeyPem })
    const id = await joinBench(1, { verificationKeys: () => [{ name: 'release', publicKeyPem: key.publicKeyPem }] })
    const refused = await deploy('unsigned', [id])
    expect((await finished(refused)).statistics).toEqual({ failure: 1 })
    expect(await log(refused, id)).toContain('not signed')
    expect((await finished(await deploy('signed', [id]))).statistics).toEqual({ success: 1 })
  })

  it('finish an update through power cuts', async () => {
    await upload('v2', { content: Uint8Array.from([...bootableImage(), ...noise(200_000)]) })
    const id = await joinBench(1, { fault: { speedBytesPerSecond: 20_000 } })
    const deployment = await deploy('v2', [id])
    await until(client.deployments.show({ id: deployment }), (each) => each.devices.some(({ status }) => status === 'downloading'))
    await devices[0]?.powerOff()
    devices[0]?.powerOn()
    expect((await finished(deployment)).statistics).toEqual({ failure: 1 })
    expect(await log(deployment, id)).toContain('The board restarted during Download')
    expect(runningSlot(0)).toBe('A')
  })
})
