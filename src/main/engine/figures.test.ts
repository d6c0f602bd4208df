import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineClient } from '../cli/context.ts'
import { now, until } from '../cli/live.ts'
import type { FailPoint, Faults } from './device/options.ts'
import { bootableImage, noise } from './device/test-device.cases.ts'
import { type TestEngine, openTestEngine } from './engine.cases.ts'
import { createEngine } from './engine.ts'
import { nodeHost } from './host.node.ts'

/** A fault that is there when it is looked for the first time, and never again. */
function failingOnce(point: FailPoint) {
  let failAt: FailPoint | null = null
  const faults: Partial<Faults> = {
    get failAt() {
      const now = failAt
      failAt = null
      return now
    },
    set failAt(_) {
      // What the device begins with.
    },
  }
  return { faults, begin: () => void (failAt = point) }
}

describe('the figures of simulated devices on the real server', () => {
  let bench: TestEngine
  let client: EngineClient
  beforeEach(async () => {
    bench = await openTestEngine()
    client = bench.client
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  async function deploy(artifactName: string, ids: string[], retries = 0): Promise<string> {
    const plan = { retries, startAt: null, phases: [], maxFailures: null, maxDevices: null }
    return (await client.deployments.create({ name: artifactName, artifactName, target: { kind: 'devices', ids }, plan })).id
  }
  const finished = (id: string) => until(client.deployments.show({ id }), ({ status }) => status === 'finished')

  it('are how fast each device downloads and all together, also after a restart', async () => {
    const sizeBytes = 3_000_000
    await bench.addArtifact('big', Uint8Array.from([...bootableImage(), ...noise(sizeBytes)]))
    const more = { slotSizeBytes: 1 << 22 }
    const whole = await bench.addDevice('02:00:00:00:01:01', {}, more)
    const broken = await bench.addDevice('02:00:00:00:01:02', { breakAtBytes: 1_000_000 }, more)
    const id = await deploy('big', [whole.id, broken.id])
    expect(await until(client.deployments.downloads({ id }), ({ total }) => total !== null)).toMatchObject({ total: { stepMs: 250 } })
    await finished(id)
    const { total, devices, deviceCount } = await now(client.deployments.downloads({ id }))
    expect([deviceCount, devices.map(({ deviceId }) => deviceId).toSorted()]).toEqual([2, [whole.id, broken.id].toSorted()])
    for (const { totalBytes, averageRate, peakRate, rates, stepMs } of devices) {
      expect(totalBytes).toBeGreaterThan(sizeBytes)
      expect(averageRate).toBeGreaterThan(0)
      expect(peakRate).toBe(Math.max(...rates))
      expect((rates.reduce((sum, rate) => sum + rate, 0) * stepMs) / 1000).toBeCloseTo(totalBytes, -3)
    }
    expect(total?.totalBytes).toBe(devices.reduce((sum, { totalBytes }) => sum + totalBytes, 0))
    expect(devices[0]?.averageRate).toBeLessThanOrEqual(devices[1]?.averageRate ?? 0)
    expect((await now(client.deployments.downloads({ id, deviceId: whole.id }))).devices.map(({ deviceName }) => deviceName)).toEqual([
      whole.name,
    ])

    await bench.engine.close()
    const again = await createEngine(nodeHost(), { dataFolder: join(bench.folder, 'data'), http: null, https: null })
    try {
      const restarted: EngineClient = createRouterClient(again.router)
      expect(await now(restarted.deployments.downloads({ id }))).toEqual({ total, devices, deviceCount })
    } finally {
      await again.close()
    }
  })

  it('are how many succeeded at which try, and why the others failed', async () => {
    await bench.addArtifact('v2')
    const cured = failingOnce('download')
    const sound = await bench.addDevice('02:00:00:00:01:01')
    const second = await bench.addDevice('02:00:00:00:01:02', cured.faults)
    const failing = await bench.addDevice('02:00:00:00:01:03', { failAt: 'commit' })
    cured.begin()
    const id = await deploy('v2', [sound.id, second.id, failing.id], 1)
    await finished(id)
    const reasonsAreIn = await until(client.deployments.attempts({ id }), ({ attempts }) =>
      attempts.every(({ reasons }) => reasons.every(({ why }) => !why.includes('did not say why'))),
    )
    const download = { why: expect.stringContaining('fails at download'), deviceCount: 1 }
    const commit = { why: 'The device could not commit the new system.', deviceCount: 1 }
    expect(reasonsAreIn).toEqual({
      allowedCount: 2,
      attempts: [
        { attempt: 1, succeededCount: 1, failedCount: 2, activeCount: 0, reasons: expect.arrayContaining([download, commit]) },
        { attempt: 2, succeededCount: 1, failedCount: 1, activeCount: 0, reasons: [commit] },
      ],
    })
  })

  it('are what devices run, by group and by type, now and before', async () => {
    await bench.addArtifact('v2')
    const one = await bench.addDevice('02:00:00:00:01:01')
    const other = await bench.addDevice('02:00:00:00:01:02')
    const last = async (query: { group?: string; deviceType?: string } = {}) => {
      const { versions } = await now(client.devices.versions(query))
      return versions.map(({ artifactName, counts }) => [artifactName, counts.at(-1)])
    }
    expect(await last()).toEqual([['factory', 2]])
    await client.devices.setGroup({ ids: [one.id], group: 'lab' })
    await finished(await deploy('v2', [one.id]))
    await until(client.devices.show({ id: one.id }), ({ artifactName }) => artifactName === 'v2')
    expect((await last()).filter(([, count]) => count !== 0)).toEqual(
      expect.arrayContaining([
        ['factory', 1],
        ['v2', 1],
      ]),
    )
    expect((await last({ group: 'lab' })).filter(([, count]) => count !== 0)).toEqual([['v2', 1]])
    expect(await last({ deviceType: 'none' })).toEqual([])
    expect(await now(client.devices.versions({}))).toMatchObject({ groups: ['lab'], deviceTypes: ['virtual'] })
    await client.devices.decommission({ id: other.id })
    expect((await last()).filter(([, count]) => count !== 0)).toEqual([['v2', 1]])
  })

  it('are the intervals in which devices poll, in which an update is told apart', async () => {
    await bench.addArtifact('v2')
    const device = await bench.addDevice('02:00:00:00:01:01', {}, { pollMs: 600 })
    const { expectedMs } = await until(client.devices.polls({ id: device.id }), ({ polls }) => polls.length >= 4)
    expect(expectedMs).toBeGreaterThanOrEqual(600)
    await finished(await deploy('v2', [device.id]))
    const { polls, bins } = await until(client.devices.polls({ id: device.id }), (each) => each.polls.some(({ kind }) => kind === 'update'))
    expect(bins.reduce((sum, { onTimeCount, lateCount, updateCount }) => sum + onTimeCount + lateCount + updateCount, 0)).toBe(polls.length)
    const fleet = await now(client.devices.fleetPolls({}))
    expect(fleet).toMatchObject({ deviceCount: 1, isPart: false })
    expect(fleet.bins.reduce((sum, { updateCount }) => sum + updateCount, 0)).toBe(1)
    expect((await now(client.devices.fleetPolls({ deviceType: 'none' }))).deviceCount).toBe(0)
    await expect(now(client.devices.polls({ id: 'none' }))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
