import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../host.ts'
import { SmallServer } from './device-api.cases.ts'
import { createSimulatedDevice } from './device.ts'
import { dyingHost, makeArtifact, noise, quickHost, testOptions, until } from './test-device.cases.ts'

/** Lets a device run until its machine dies at the `count`-th change of its disk, or it has reported. */
async function runUntilDeath(server: SmallServer, host: Host, count: number): Promise<{ hasDied: boolean; changes: number }> {
  const dying = dyingHost(host, count)
  const device = await createSimulatedDevice(testOptions(server.url), dying.host).catch(() => null)
  device?.powerOn()
  await until(() => dying.isDead() || !server.hasWork)
  await device?.stop()
  return { hasDied: dying.isDead(), changes: dying.changes() }
}

describe('a power cut', () => {
  let server: SmallServer

  beforeEach(async () => {
    server = new SmallServer()
    await server.listen()
  })
  afterEach(() => server.close())

  /** Cuts the power at every change of the disk in turn; each time the device must come up again and report. */
  async function cutEverywhere(
    artifact: Uint8Array,
    check: (end: { artifactName: string; running: string; status: string }) => void,
  ): Promise<number> {
    for (let count = 1; ; count++) {
      server.deploy('v2', artifact)
      const host = quickHost()
      const { hasDied } = await runUntilDeath(server, host, count)
      const device = await createSimulatedDevice(testOptions(server.url), host)
      device.powerOn()
      await until(() => !server.hasWork && device.observation().nextPollAt !== null)
      const { slots, boot, artifactName } = device.observation()
      await device.stop()
      const running = slots.find(({ isRunning }) => isRunning)
      expect(running).toMatchObject({ condition: 'committed', name: boot.bootSlot })
      expect(boot).toMatchObject({ isUpgradeAvailable: false, bootCount: 0 })
      expect(slots.filter(({ condition }) => condition === 'writing' || condition === 'trial')).toEqual([])
      check({ artifactName, running: running?.name ?? '', status: server.statuses.at(-1) ?? '' })
      if (!hasDied) return count
    }
  }

  it('at any moment of an update leaves a device that runs what it reports', async () => {
    const ends = new Map<string, number>()
    const cuts = await cutEverywhere(await makeArtifact({ name: 'v2' }), ({ artifactName, running, status }) => {
      expect([artifactName, running, status]).toEqual(status === 'success' ? ['v2', 'B', 'success'] : ['factory', 'A', 'failure'])
      ends.set(status, (ends.get(status) ?? 0) + 1)
    })
    expect(cuts).toBeGreaterThan(40)
    expect(ends.get('failure')).toBeGreaterThan(10)
    expect(ends.get('success')).toBeGreaterThan(10)
  })

  it('at any moment of an update that does not boot leaves a device on its old slot', async () => {
    await cutEverywhere(await makeArtifact({ name: 'v2', content: noise(9000) }), (end) => {
      expect(end).toEqual({ artifactName: 'factory', running: 'A', status: 'failure' })
    })
  })

  it('at any moment of a module update is reported', async () => {
    await cutEverywhere(await makeArtifact({ name: 'v2', type: 'script', content: noise(5000) }), ({ artifactName, running, status }) => {
      expect(running).toBe('A')
      expect(['v2 success', 'factory failure', 'v2_INCONSISTENT failure']).toContain(`${artifactName} ${status}`)
    })
  })
})
