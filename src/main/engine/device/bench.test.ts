import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateKeyPair } from '../artifact/keys.ts'
import { readArtifact } from '../artifact/read.ts'
import { signerOf } from '../artifact/sign.ts'
import { nodeHost } from '../host.node.ts'
import { fakeHost } from '../host.fake.ts'
import { readChunks } from '../lib/file-streams.ts'
import { buildBenchArtifacts, buildRootfs } from './bench-artifacts.ts'
import { type VirtualBench, createVirtualBench } from './bench.ts'
import { checkSlotBoots } from './boot-check.ts'
import { SmallServer } from './device-api.cases.ts'
import { quickHost, until } from './test-device.cases.ts'

describe('the virtual bench', () => {
  let server: SmallServer
  let bench: VirtualBench
  const events: string[] = []
  const host = quickHost()
  const open = () =>
    createVirtualBench({
      ...{ host, folder: '/bench', serverUrl: () => server.url, caPem: () => null, verificationKeys: () => [] },
      onEvent: (identity, event) => events.push(`${identity['mac']} ${event.text}`),
      intervals: { bootMs: 1, pollMs: 10 },
    })

  beforeEach(async () => {
    server = new SmallServer()
    await server.listen()
    bench = open()
  })
  afterEach(async () => {
    await bench.removeAll()
    await server.close()
  })

  it('has a board of each kind, seen by its identity', async () => {
    await bench.start()
    expect(bench.list().map(({ name, isRunning }) => `${name}: ${isRunning}`)).toEqual([
      ...['virt-01 good: true', 'virt-02 fails to boot: true', 'virt-03 slow network: true', 'virt-04 silent: true'],
    ])
    const [identity = {}] = bench.identities()
    expect(bench.observe(identity)).toMatchObject({ id: 'virt-01', profile: 'good', isPowered: true, artifactName: 'virtual-os-v1' })
    expect(bench.observe({ mac: 'of a real board' })).toBeNull()
    await until(() => server.seen.filter((line) => line === 'inventory').length === 4)
    expect(events.some((line) => line.startsWith(String(identity['mac'])))).toBe(true)
  })

  it('comes back with the same boards, switched on or off as they were', async () => {
    await bench.start()
    await bench.setPower('virt-02', false)
    const before = bench.identities()
    await bench.stop()
    bench = open()
    await bench.restore()
    expect(bench.identities()).toEqual(before)
    expect(bench.list().map(({ isRunning }) => isRunning)).toEqual([true, false, true, true])
    await bench.start()
    expect(bench.list()).toHaveLength(4)
    expect(bench.list().every(({ isRunning }) => isRunning)).toBe(true)
  })

  it('does one order after the other', async () => {
    await Promise.all([bench.start(), bench.setPower('virt-01', false), bench.setPower('virt-01', true), bench.setPower('virt-02', false)])
    expect(bench.list().map(({ isRunning }) => isRunning)).toEqual([true, false, true, true])
    await Promise.all([bench.setPower('virt-01', false), bench.setPower('virt-01', true)])
    expect(bench.list()[0]?.isRunning).toBe(true)
    await Promise.all([bench.start(), bench.removeAll()])
    expect(bench.list()).toEqual([])
  })

  it('is gone when it is removed', async () => {
    await bench.start()
    await bench.removeAll()
    expect(bench.list()).toEqual([])
    bench = open()
    await bench.restore()
    expect(bench.list()).toEqual([])
  })
})

describe('the artifacts of the virtual bench', () => {
  let folder: string
  const host = nodeHost()
  const job = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-bench-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('are signed, and of a size that can be watched', async () => {
    const key = await generateKeyPair('p256')
    const built = await buildBenchArtifacts({ host, folder, signer: signerOf(key.privateKeyPem), job })
    expect(built.map(({ name }) => name)).toEqual(['virtual-os-v1', 'virtual-os-v2', 'virtual-os-v2-broken'])
    for (const { path, name, sizeBytes } of built) {
      await using file = await host.files.open(path, 'read')
      const read = await readArtifact(readChunks(file), {
        keys: [{ name: 'bench', publicKeyPem: key.publicKeyPem }],
        requireSignature: true,
      })
      expect(read).toMatchObject({ name, deviceTypes: ['virtual'], payloadType: 'rootfs-image', compression: 'gzip', sizeBytes })
      expect(sizeBytes).toBeGreaterThan(8e6)
    }
  })

  it('boot when their file system has an init, and not without', async () => {
    const plan = { folder, fillBytes: 1000, sizeMiB: 4 }
    const good = await buildRootfs(host, { ...plan, name: 'good', hasInit: true })
    const broken = await buildRootfs(host, { ...plan, name: 'broken', hasInit: false })
    expect(await checkSlotBoots(host.files, good)).toEqual({ boots: true })
    expect(await checkSlotBoots(host.files, broken)).toMatchObject({ boots: false, panic: expect.stringContaining('No working init') })
  })

  it('need e2fsprogs, and say so', async () => {
    const build = buildRootfs(fakeHost(), { folder: '/x', name: 'a', hasInit: true, fillBytes: 10, sizeMiB: 4 })
    await expect(build).rejects.toMatchObject({ code: 'TOOL_MISSING', hint: expect.stringContaining('e2fsprogs') })
  })
})
