import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateKeyPair } from '../artifact/keys.ts'
import { readWhole } from '../lib/file-streams.ts'
import { SmallServer } from './device-api.cases.ts'
import { type SimulatedDevice, createSimulatedDevice } from './device.ts'
import type { DeviceEvent, DeviceOptions, Faults } from './options.ts'
import { bootableImage, makeArtifact, makeDeltaArtifact, noise, quickHost, testOptions, until } from './test-device.cases.ts'

describe('a simulated device', () => {
  let open: { device: SimulatedDevice; events: DeviceEvent[]; host: ReturnType<typeof quickHost> }
  let small: SmallServer

  beforeEach(async () => {
    small = new SmallServer()
    await small.listen()
  })
  afterEach(async () => {
    await open.device.stop()
    await small.close()
  })

  async function start(changes: Partial<DeviceOptions> & { fault?: Partial<Faults> } = {}): Promise<SimulatedDevice> {
    const host = quickHost()
    const events: DeviceEvent[] = []
    const device = await createSimulatedDevice(testOptions(small.url, { onEvent: (event) => events.push(event), ...changes }), host)
    open = { device, events, host }
    device.powerOn()
    return device
  }

  const ended = () => until(() => !small.hasWork && small.seen.at(-1)?.startsWith('next') === true)
  const slot = (device: SimulatedDevice, name: 'A' | 'B') => device.observation().slots.find((one) => one.name === name)
  const lines = (device: SimulatedDevice) => device.observation().consoleLines.join('\n')

  it('authenticates, sends its inventory and polls', async () => {
    const device = await start()
    await until(() => small.seen.filter((line) => line === 'next v2').length >= 3)
    expect(small.seen.slice(0, 3)).toEqual(['auth', 'inventory', 'next v2'])
    expect(small.seen.filter((line) => line === 'inventory')).toHaveLength(1)
    expect(slot(device, 'A')).toMatchObject({ isRunning: true, condition: 'committed', artifactName: 'factory' })
    expect(slot(device, 'B')).toMatchObject({ isRunning: false, condition: 'empty' })
  })

  it('rebuilds a root file system out of the one that runs, and a slot that was written to says so', async () => {
    const [old, image] = [bootableImage(), bootableImage().fill(7, 8000, 8100)]
    const device = await start()
    small.deploy('v1', await makeArtifact({ name: 'v1', content: old }))
    await ended()
    const artifact = await makeDeltaArtifact({ name: 'v2', old, image })
    expect(artifact.length).toBeLessThan(image.length / 2)
    small.deploy('v2', artifact)
    await ended()
    expect(device.observation()).toMatchObject({ artifactName: 'v2', boot: { bootSlot: 'A', isUpgradeAvailable: false } })
    const slotA = await readWhole(open.host.files, '/device/slot-a.img')
    expect(Buffer.compare(slotA.subarray(0, image.length), image)).toBe(0)

    await device.powerOff()
    {
      await using file = await open.host.files.open('/device/slot-a.img', 'edit')
      await file.write(Uint8Array.of(1), 9000)
    }
    device.powerOn()
    small.deploy('v3', await makeDeltaArtifact({ name: 'v3', old: image, image: old }))
    await ended()
    expect(lines(device)).toContain('it was changed since it was installed (mounted read-write?)')
    expect(device.observation().artifactName).toBe('v2')
  })

  it('authenticates with Ed25519 and RSA keys as well', async () => {
    for (const keyAlgorithm of ['ed25519', 'rsa-3072'] as const) {
      const device = await start({ keyAlgorithm })
      await until(() => small.seen.includes('next v2') && small.seen.includes('inventory'))
      expect(small.seen).toContain('auth')
      await device.stop()
      small.seen.splice(0)
    }
  })

  it('asks again until it is accepted', async () => {
    small.isAccepting = false
    await start()
    await until(() => small.seen.filter((line) => line === 'auth').length >= 3)
    expect(small.seen).not.toContain('inventory')
    small.isAccepting = true
    await until(() => small.seen.includes('next v2'))
  })

  it('falls back to the older ways of asking for work', async () => {
    small.versions = ['v1 GET']
    await start()
    await until(() => small.seen.includes('next v1 GET'))
    expect(small.seen.slice(2, 5)).toEqual(['next v2', 'next v1 POST', 'next v1 GET'])
  })

  it('installs a root file system in slot B, reboots into it, commits and reports success', async () => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    const device = await start()
    await ended()
    expect(small.statuses).toEqual(['downloading', 'installing', 'rebooting', 'installing', 'success'])
    expect(slot(device, 'B')).toMatchObject({ isRunning: true, condition: 'committed', artifactName: 'v2', writtenBytes: 20 * 1024 })
    expect(slot(device, 'A')).toMatchObject({ isRunning: false, condition: 'idle', artifactName: 'factory' })
    expect(device.observation()).toMatchObject({ artifactName: 'v2', boot: { bootSlot: 'B', bootCount: 0, isUpgradeAvailable: false } })
    const written = await readWhole(open.host.files, '/device/slot-b.img')
    expect(written.subarray(0, 20 * 1024)).toEqual(bootableImage())
    expect(open.events.filter(({ lane }) => lane === 'state').map(({ text }) => text)).toEqual([
      ...[
        'Download',
        'ArtifactInstall',
        'ArtifactReboot',
        'ArtifactVerifyReboot',
        'ArtifactCommit',
        'ArtifactCommitLeave',
        'Cleanup',
        'Report',
      ],
    ])
    expect(open.events.filter(({ lane }) => lane === 'state').every(({ deploymentId }) => deploymentId === 'd1')).toBe(true)
  })

  it('rolls back an image without a file system and sends its log', async () => {
    small.deploy('bad', await makeArtifact({ name: 'bad', content: noise(9000) }))
    const device = await start()
    await ended()
    await until(() => small.log.length > 0)
    expect(small.statuses).toEqual(['downloading', 'installing', 'rebooting', 'failure'])
    expect(slot(device, 'A')).toMatchObject({ isRunning: true, condition: 'committed' })
    expect(slot(device, 'B')).toMatchObject({ isRunning: false, condition: 'failed', artifactName: 'bad' })
    expect(device.observation()).toMatchObject({ artifactName: 'factory', boot: { bootSlot: 'A', isUpgradeAvailable: false } })
    expect(lines(device)).toContain('Kernel panic: VFS: Unable to mount root fs')
    expect(small.log.join('\n')).toContain('Slot B did not come up')
  })

  it('rolls back every new system when its fault is that none starts', async () => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    const device = await start({ fault: { failAt: 'reboot' } })
    await ended()
    expect(small.statuses.at(-1)).toBe('failure')
    expect(slot(device, 'A')?.isRunning).toBe(true)
    expect(open.events.some(({ lane, level, text }) => lane === 'boot' && level === 'warning' && text.includes('past the limit'))).toBe(
      true,
    )
  })

  it.each([
    ['download', ['downloading', 'failure'], 'A'],
    ['install', ['downloading', 'installing', 'failure'], 'A'],
    ['commit', ['downloading', 'installing', 'rebooting', 'installing', 'failure'], 'A'],
    ['after-commit', ['downloading', 'installing', 'rebooting', 'installing', 'failure'], 'B'],
  ] as const)('that fails at %s reports failure and runs a good slot', async (failAt, statuses, running) => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    const device = await start({ fault: { failAt } })
    await ended()
    expect(small.statuses).toEqual(statuses)
    expect(slot(device, running)).toMatchObject({ isRunning: true, condition: 'committed' })
    expect(device.observation().artifactName).toBe(running === 'A' ? 'factory' : 'v2')
  })

  it('keeps the files of a module-image and says that it executes nothing', async () => {
    small.deploy('script-1', await makeArtifact({ name: 'script-1', type: 'script', content: noise(5000) }))
    const device = await start()
    await ended()
    expect(small.statuses).toEqual(['downloading', 'installing', 'installing', 'success'])
    expect(device.observation()).toMatchObject({ artifactName: 'script-1', boot: { bootSlot: 'A' } })
    expect(lines(device)).toContain('a virtual device executes nothing')
    expect(await readWhole(open.host.files, '/device/module-files/payload')).toEqual(noise(5000))
  })

  it('is INCONSISTENT after a module that cannot roll back has failed', async () => {
    small.deploy('script-1', await makeArtifact({ name: 'script-1', type: 'script' }))
    const device = await start({ fault: { failAt: 'install' } })
    await ended()
    expect(device.observation().artifactName).toBe('script-1_INCONSISTENT')
  })

  it('resumes a broken download by Range', async () => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    const device = await start({ fault: { breakAtBytes: 7000 } })
    await ended()
    expect(small.seen.filter((line) => line.startsWith('download'))).toEqual(['download 0', 'download 7000'])
    expect(small.statuses.at(-1)).toBe('success')
    expect(lines(device)).toContain('download goes on at byte 7000')
  })

  it('refuses an artifact that arrives corrupted', async () => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    const device = await start({ fault: { corruptAtByte: 20_000 } })
    await ended()
    await until(() => small.log.length > 0)
    expect(small.statuses).toEqual(['downloading', 'failure'])
    expect(small.log.join('\n')).toContain('checksum')
    expect(slot(device, 'B')?.condition).toBe('failed')
  })

  it('takes only signed artifacts when it has a verification key', async () => {
    const key = await generateKeyPair('p256')
    const other = await generateKeyPair('p256')
    const verificationKeys = () => [{ name: 'release', publicKeyPem: key.publicKeyPem }]
    const device = await start({ verificationKeys })
    for (const [privateKeyPem, status] of [
      [undefined, 'failure'],
      [other.privateKeyPem, 'failure'],
      [key.privateKeyPem, 'success'],
    ] as const) {
      small.deploy('v2', await makeArtifact({ name: 'v2', ...(privateKeyPem === undefined ? {} : { privateKeyPem }) }))
      await ended()
      expect(small.statuses.at(-1)).toBe(status)
    }
    expect(lines(device)).toContain('The artifact is not signed')
    expect(lines(device)).toContain('signed with release')
  })

  it('refuses what is for another device type or depends on what it lacks', async () => {
    const device = await start()
    small.deploy('v2', await makeArtifact({ name: 'v2', deviceType: 'toaster' }))
    await ended()
    small.deploy('v2', await makeArtifact({ name: 'v2', depends: { 'rootfs-image.version': 'v1' } }))
    await ended()
    expect(lines(device)).toContain('for device type toaster; virtual, the type of this device, is not among them')
    expect(lines(device)).toContain('depends on rootfs-image.version v1, which is not met: this device provides factory')
    expect(slot(device, 'B')?.writtenBytes).toBe(0)
  })

  it('refuses an image that is larger than its slot', async () => {
    small.deploy('v2', await makeArtifact({ name: 'v2', content: noise(70_000) }))
    const device = await start()
    await ended()
    expect(small.statuses.at(-1)).toBe('failure')
    expect(lines(device)).toContain('larger than the slot of 65536 bytes')
  })

  it('gets a new token when the old one is refused in the middle of a deployment', async () => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    small.onStatus = (status) => {
      if (status === 'downloading') small.validFrom = 1
    }
    await start()
    await ended()
    expect(small.statuses.at(-1)).toBe('success')
    expect(small.seen.filter((line) => line === 'auth').length).toBeGreaterThanOrEqual(3)
  })

  it.each([
    [2, 'success'],
    [100, 'failure'],
  ] as const)('waits before the commit for a server that %d requests do not reach: %s', async (misses, status) => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    let left = 0
    small.onStatus = (reported) => {
      left = reported === 'rebooting' ? misses : 0
    }
    const serverUrl = (): string => {
      left -= 1
      return left >= 0 ? 'http://127.0.0.1:1' : small.url
    }
    const device = await start({ serverUrl })
    await until(() => lines(device).includes(status === 'success' ? 'tries again in' : 'The new system cannot reach its server'))
    left = 0
    await ended()
    expect(small.statuses.at(-1)).toBe(status)
  })

  it('rolls back when the server refuses it before the commit', async () => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    small.onStatus = (status) => {
      small.isAccepting = status !== 'rebooting' && (small.isAccepting || status === 'failure')
    }
    const device = await start()
    await until(() => slot(device, 'B')?.condition === 'failed')
    small.isAccepting = true
    await ended()
    expect(small.statuses.at(-1)).toBe('failure')
    expect(lines(device)).toContain('The new system cannot reach its server')
  })

  it.each(['downloading', 'installing', 'rebooting'])('stops when the deployment is aborted at %s', async (at) => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    small.onStatus = (status) => {
      if (status === at) Object.assign(small, { isAborted: true, hasWork: false })
    }
    const device = await start()
    await ended()
    expect(lines(device)).toContain('aborted on the server')
    expect(device.observation()).toMatchObject({ artifactName: 'factory', boot: { bootSlot: 'A', isUpgradeAvailable: false } })
  })

  it('says that the deployment was aborted when that came between its report and the download', async () => {
    small.deploy('v2', await makeArtifact({ name: 'v2' }))
    small.onStatus = (status) => {
      if (status === 'downloading') Object.assign(small, { artifact: new Uint8Array() })
      if (status === 'failure') Object.assign(small, { isAborted: true, hasWork: false })
    }
    const device = await start()
    await ended()
    expect(lines(device)).toContain('aborted on the server')
    expect(device.observation()).toMatchObject({ artifactName: 'factory', boot: { bootSlot: 'A', isUpgradeAvailable: false } })
  })

  it('is heard a few times, or never, when it is silent', async () => {
    Object.assign(small, { hasWork: false })
    const quiet = await start({ fault: { silence: 'soon' } })
    await until(() => lines(quiet).includes('goes silent'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const heard = small.seen.length
    expect(small.seen.filter((what) => what.startsWith('next'))).toHaveLength(3)
    await open.device.stop()
    const device = await start({ fault: { silence: 'never' } })
    await until(() => lines(device).includes('no network'))
    expect(small.seen).toHaveLength(heard)
  })

  it('survives a server that is not there', async () => {
    const device = await start({ serverUrl: () => 'http://127.0.0.1:9' })
    await until(() => lines(device).includes('not accepted yet'))
    expect(device.observation().isPowered).toBe(true)
  })

  it('says when it polls next, and nothing when it is off', async () => {
    const device = await start({ intervals: { pollMs: 1e9, retryMs: 10, resumeMs: 10, bootMs: 10 } })
    await until(() => device.observation().nextPollAt !== null)
    await device.powerOff()
    expect(device.observation()).toMatchObject({ isPowered: false, nextPollAt: null })
    expect(slot(device, 'A')).toMatchObject({ isRunning: false, condition: 'committed' })
    expect(open.events.filter(({ lane }) => lane === 'power').map(({ text }) => text)).toEqual(['Power on', 'Power off'])
  })
})
