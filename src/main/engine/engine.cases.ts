import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import type { EngineClient } from '../cli/context.ts'
import { until } from '../cli/live.ts'
import type { Device } from '../contract/devices.ts'
import { createSimulatedDevice } from './device/device.ts'
import { type Faults, NO_FAULTS } from './device/options.ts'
import { SLOT_BYTES, makeArtifact } from './device/test-device.cases.ts'
import { type Engine, type EngineOptions, createEngine } from './engine.ts'
import { nodeHost } from './host.node.ts'

export const ADMIN_PASSWORD = 'a:password'

/** A real engine on a folder of its own, a client of it within the process, and what tests put into it. */
export interface TestEngine extends AsyncDisposable {
  engine: Engine
  client: EngineClient
  /** Its folder lies in this one, beside what tests write. */
  folder: string
  /** Where it listens with http. */
  url: string
  /** Of the management user, by logging in. */
  token(): Promise<string>
  /** The path of a new artifact file. */
  artifactFile(name: string, content?: Uint8Array): Promise<string>
  /** Puts an artifact into the library; answers its id. */
  addArtifact(name: string, content?: Uint8Array): Promise<string>
  /** Brings up a simulated device that the server accepts; switched off at the end. Its faults may be changed while it runs. */
  addDevice(mac: string, faults?: Partial<Faults>, more?: MoreOfDevice): Promise<Device>
}

const loopback = { host: '127.0.0.1', port: 0 }

export async function openTestEngine(options: Partial<EngineOptions> = {}, host = nodeHost()): Promise<TestEngine> {
  await using opening = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'otabench-engine-'))
  opening.defer(() => rm(folder, { recursive: true }))
  const engine = await createEngine(host, {
    ...{ dataFolder: join(folder, 'data'), http: loopback, https: null, adminPassword: ADMIN_PASSWORD },
    ...options,
  })
  opening.defer(() => engine.close())
  const client: EngineClient = createRouterClient(engine.router)
  const url = engine.urls[0] ?? ''
  const artifactFile = async (name: string, content?: Uint8Array) => {
    const path = join(folder, `${name}.mender`)
    await writeFile(path, await makeArtifact({ name, ...(content && { content }) }))
    return path
  }
  const devices = opening.use(new AsyncDisposableStack())
  const resources = opening.move()
  return {
    ...{ engine, client, folder, url, artifactFile },
    token: () => logIn(url, { name: 'admin', password: ADMIN_PASSWORD }),
    async addArtifact(name, content) {
      const { id, jobId } = await client.artifacts.add({ path: await artifactFile(name, content), description: '' })
      await until(client.jobs.list(), (jobs) => jobs.some((job) => job.id === jobId && job.state === 'done'))
      return id
    },
    async addDevice(mac, faults = {}, more = {}) {
      devices.defer(await startDevice({ folder: join(folder, randomUUID()), url, mac, faults, more }))
      const fits = (device: Device) => device.identity['mac'] === mac
      const asking = (await until(client.devices.list(), (all) => all.some(fits))).find(fits)
      const [authset] = asking?.authsets ?? []
      if (!asking || !authset) throw new Error(`${mac} has no key`)
      await client.devices.setAuthStatus({ id: asking.id, authsetId: authset.id, status: 'accepted' })
      const isReady = (device: Device) => fits(device) && device.artifactName !== null
      const ready = (await until(client.devices.list(), (all) => all.some(isReady))).find(isReady)
      return ready ?? asking
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** A token of a management user, as mender-cli gets it. */
export async function logIn(url: string, { name, password }: { name: string; password: string }): Promise<string> {
  const basic = Buffer.from(`${name}:${password}`).toString('base64')
  const answer = await fetch(`${url}/api/management/v1/useradm/auth/login`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
  })
  if (!answer.ok) throw new Error(`the login was answered ${answer.status}`)
  return answer.text()
}

interface MoreOfDevice {
  hasConnect?: boolean
  pollMs?: number
  slotSizeBytes?: number
}

interface StartedDevice {
  folder: string
  url: string
  mac: string
  faults: Partial<Faults>
  more: MoreOfDevice
}

async function startDevice({
  folder,
  url,
  mac,
  faults,
  more: { hasConnect = false, pollMs = 60, slotSizeBytes = SLOT_BYTES },
}: StartedDevice) {
  const device = await createSimulatedDevice(
    {
      ...{ folder, mac, name: `virtual ${mac}`, deviceType: 'virtual', keyAlgorithm: 'p256', slotSizeBytes },
      factory: { artifactName: 'factory', imagePath: null },
      ...{ serverUrl: () => url, caPem: () => null, verificationKeys: () => [] },
      faults: Object.assign(faults, { ...NO_FAULTS, ...faults }),
      hasConnect,
      intervals: { pollMs, retryMs: 60, resumeMs: 100, bootMs: 20 },
    },
    nodeHost(),
  )
  device.powerOn()
  return () => device.stop()
}
