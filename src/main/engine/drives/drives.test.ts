import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../cli/live.ts'
import type { Drive } from '../../contract/drives.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import type { Clock, Programs } from '../host.ts'
import { nodeHost } from '../host.node.ts'
import { liveValue } from '../lib/changes.ts'
import { type Drives, createDrives } from './drives.ts'
import { createVirtualDrives } from './virtual-drives.ts'
import { card, forgetRead, loopDevice, mounted, patientHost, program, settle } from './loop.cases.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine({}, patientHost())
})
afterAll(() => bench[Symbol.asyncDispose]())

async function list(hasLoops = true): Promise<Drive[]> {
  return until(bench.client.drives.list({ hasLoops }), () => true)
}

describe('the drives of this machine', () => {
  it('never offers the disk that the system runs from', async () => {
    const source = program('findmnt', ['--noheadings', '--output', 'SOURCE', '/'])
    const disk = program('lsblk', ['--noheadings', '--nodeps', '--output', 'PATH', source])
    const found = (await list()).find(({ identity }) => identity.path === disk || source.startsWith(identity.path))
    expect(found?.verdict.kind).toBe('refused')
    expect(found?.verdict.reasons.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['system-disk', 'own-disk']))
  })

  it('shows loop devices only where they are asked for, with size and write protection as lsblk has them', async () => {
    await using device = await loopDevice(3 << 20)
    await using protectedOne = await loopDevice(1 << 20, ['--read-only'])
    const ofPath = (drives: readonly Drive[], path: string) => drives.find(({ identity }) => identity.path === path)
    expect(ofPath(await list(false), device.path)).toBeUndefined()
    const all = await list()
    expect(ofPath(all, device.path)).toMatchObject({ sizeBytes: 3 << 20, isReadOnly: false, bus: 'loop', verdict: { kind: 'writable' } })
    expect(ofPath(all, protectedOne.path)?.verdict).toMatchObject({ kind: 'refused', reasons: [{ rule: 'read-only' }] })
    const [size, isReadOnly] = program('lsblk', ['--noheadings', '--bytes', '--output', 'SIZE,RO', protectedOne.path]).split(/\s+/)
    expect(ofPath(all, protectedOne.path)).toMatchObject({ sizeBytes: Number(size), isReadOnly: isReadOnly === '1' })
  })

  it('reads what is on a card without udev’s help, as blkid does, and where it is mounted', async () => {
    await using device = await card()
    const { boot, root, data } = device.partitions
    await using at = await mounted(root, '/media')
    const found = (await list()).find(({ identity }) => identity.path === device.path)
    expect(found?.partitions).toEqual([
      { path: boot, number: 1, sizeBytes: 16 << 20, label: 'BOOT', fileSystem: 'vfat', mountedAt: [] },
      { path: root, number: 2, sizeBytes: 16 << 20, label: 'root', fileSystem: 'ext4', mountedAt: [at.folder] },
      { path: data, number: 3, sizeBytes: 15 << 20, label: 'data', fileSystem: 'ext4', mountedAt: [] },
    ])
    expect(found?.verdict.kind).toBe('writable')
    for (const { path, label, fileSystem } of found?.partitions ?? [])
      expect(program('blkid', ['--probe', '--output', 'export', path])).toMatch(new RegExp(`LABEL=${label}\n[^]*TYPE=${fileSystem}`))
  })

  it('refuses what is mounted elsewhere, swapped to, encrypted, or a part of a volume group', async () => {
    await using device = await card()
    const { root, data } = device.partitions
    const verdictOf = async (path: string) => {
      forgetRead(device)
      const found = (await list()).find(({ identity }) => identity.path === path)
      return [found?.verdict.kind, ...(found?.verdict.reasons.map(({ rule }) => rule) ?? [])].join(' ')
    }
    {
      await using _at = await mounted(data, '/mnt')
      expect(await verdictOf(device.path)).toBe('refused mounted')
    }
    program('mkswap', [root])
    program('swapon', [root])
    try {
      expect(await verdictOf(device.path)).toBe('refused swap')
    } finally {
      program('swapoff', [root])
    }
    expect(await verdictOf(device.path)).toBe('writable')
    program('pvcreate', ['--yes', root])
    expect(await verdictOf(device.path)).toBe('refused signature')
    program('wipefs', ['--all', '--quiet', root])
    expect(await verdictOf(device.path)).toBe('writable')
    program('cryptsetup', ['luksFormat', '--type', 'luks2', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000', '-q', root, '-'], 'pw')
    expect(await verdictOf(device.path)).toBe('refused signature')
  })

  it('says which of Mender’s artifacts a card holds', async () => {
    await using device = await card()
    const { root } = device.partitions
    await using at = await mounted(root, '/media')
    await mkdir(`${at.folder}/etc/mender`, { recursive: true })
    await writeFile(`${at.folder}/etc/mender/artifact_info`, 'artifact_name=os-7\n')
    settle(at.folder)
    program('umount', [at.folder])
    forgetRead(device)
    const found = (await list()).find(({ identity }) => identity.path === device.path)
    expect(found?.mender).toEqual({ artifactName: 'os-7', deviceType: '' })
  })

  it('says when a drive comes and when it goes, without being asked again', async () => {
    const seen: number[] = []
    const abort = new AbortController()
    const drives = await bench.client.drives.list({ hasLoops: true }, { signal: abort.signal })
    const device = await loopDevice(5 << 20)
    let isDetached = false
    for await (const value of drives) {
      const isThere = value.some(({ identity }) => identity.path === device.path)
      if (isThere && !isDetached) {
        seen.push(1)
        isDetached = true
        await device[Symbol.asyncDispose]()
      } else if (!isThere && isDetached) break
    }
    abort.abort()
    expect(seen).toEqual([1])
  })
})

describe('changes of drives', () => {
  it('are noticed where there is no udevadm as well, mounts too, and virtual drives of a program beside; and nobody looks when nobody watches', async () => {
    const host = nodeHost()
    const started: string[] = []
    const programs: Programs = {
      ...host.programs,
      start: (name, args, options) => {
        started.push(name)
        return host.programs.start('no-such-program-here', args, options)
      },
    }
    // However long one who asks but once is kept waiting, the first second is not over.
    let second = 3_600_000
    const clock: Clock = { ...host.clock, sleep: (ms, signal) => host.clock.sleep(ms === 1000 ? second : ms, signal) }
    const drives = createDrives({ host: { ...host, programs, clock }, folder: `${bench.folder}/none`, ownFolders: [], onDefect: fail })
    const next = () => new Promise<void>((resolve) => drives.changes.onNext(resolve))
    // Who asks once starts nothing.
    for (let asked = 0; asked < 3; asked += 1) {
      using _once = drives.watch()
      await drives.list()
    }
    expect(started).toEqual([])
    second = 1000
    using _first = drives.watch()
    using _second = drives.watch()
    const come = next()
    await using device = await card()
    await come
    await expect.poll(() => started).toEqual(['udevadm'])
    const changed = until(live(drives), (all) => all.some(({ mountedAt }) => mountedAt.length === 1 && mountedAt[0]?.startsWith('/media/')))
    await using _at = await mounted(device.partitions.root, '/media')
    await changed
    const isThere = until(live(drives), (all) => all.some(({ name }) => name === 'virtual beside'))
    await createVirtualDrives({ files: host.files, folder: `${bench.folder}/none` }).create({ name: 'beside', sizeBytes: 512 })
    expect((await isThere).length).toBeGreaterThan(1)
  })
})

/** The list as it changes. */
async function live(drives: Drives): Promise<AsyncIterable<Drive[]>> {
  return liveValue(undefined, [drives.changes], () => drives.list({ hasLoops: true }))
}

function fail(thrown: unknown): void {
  throw thrown
}

describe('virtual drives', () => {
  it('are made, shown as virtual, given faults, and removed with their bytes', async () => {
    const { client } = bench
    const faults = { writeBytesPerSecond: 1000, failsAtByte: null, pulledAtByte: 4096, realBytes: null }
    expect(await client.drives.createVirtual({ name: 'card-1', sizeBytes: 1 << 30 })).toEqual({ id: 'card-1' })
    const find = async () => (await list()).find(({ virtual }) => virtual?.id === 'card-1')
    const made = await find()
    expect(made).toMatchObject({ name: 'virtual card-1', sizeBytes: 1 << 30, bus: 'virtual', verdict: { kind: 'writable' } })
    await client.drives.setFaults({ id: 'card-1', faults })
    const changed = await find()
    expect(changed?.virtual).toEqual({ id: 'card-1', faults })
    expect(changed?.identity.diskSequence).not.toBe(made?.identity.diskSequence)
    await expect(client.drives.createVirtual({ name: 'card-1', sizeBytes: 512 })).rejects.toMatchObject({ code: 'CONFLICT' })
    await client.drives.removeVirtual({ id: 'card-1' })
    expect(await find()).toBeUndefined()
    await expect(client.drives.removeVirtual({ id: 'card-1' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(client.drives.removeVirtual({ id: '../x' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
