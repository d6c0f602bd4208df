import { closeSync, constants, openSync, readFileSync, readSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PLACES, makeCard } from '../../cli/commands/image.cases.ts'
import { now } from '../../cli/live.ts'
import { type DriveFaults, NO_DRIVE_FAULTS } from '../../contract/drives.ts'
import type { FlashTarget, Lane } from '../../contract/flash.ts'
import { UNFINISHED } from '../../writer/card.ts'
import { loopDevice, mounted, program } from '../drives/loop.cases.ts'
import { type FlashBench, hasEnded, noise, openFlashBench } from './flash.cases.ts'

const MIB = 1 << 20

describe('a card', () => {
  let bench: FlashBench
  beforeEach(async () => {
    bench = await openFlashBench()
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  const targetAt = async (path: string, hasLoops = true): Promise<FlashTarget> => {
    const drive = (await now(bench.client.drives.list({ hasLoops }))).find(({ identity }) => identity.path === path)
    if (!drive) throw new Error(`${path} is not listed`)
    return { path, identity: drive.identity, typedName: drive.name }
  }
  const image = (sizeBytes: number): string => {
    writeFileSync(bench.file('image'), noise(sizeBytes))
    return bench.file('image')
  }
  const front = (path: string, length = UNFINISHED.length): string => {
    const handle = openSync(path, constants.O_RDONLY)
    const bytes = Buffer.alloc(length)
    readSync(handle, bytes, 0, length, 0)
    closeSync(handle)
    return bytes.toString('latin1')
  }

  it('on a loop device is mounted by the kernel, and its file systems are whole', async () => {
    makeCard(bench.dataFolder, 'dos')
    await using device = await loopDevice(256 * MIB, ['--partscan'])
    const view = await bench.flash({ source: join(bench.dataFolder, 'card.dos'), targets: [await targetAt(device.path)] })
    expect(view.lanes).toMatchObject([{ state: 'done', failure: null }])
    // The kernel has read the new partition table.
    program('partx', ['--update', device.path])
    program('e2fsck', ['-fn', `${device.path}p2`])
    program('fsck.vfat', ['-n', `${device.path}p1`])
    await using root = await mounted(`${device.path}p2`, '/mnt')
    expect(readFileSync(join(root.folder, 'etc/mender/artifact_info'), 'utf8')).toBe('artifact_name=release-1\n')
    for (const name of ['a', 'b', 'c', 'd'])
      expect(readFileSync(join(root.folder, name)).equals(readFileSync(join(bench.dataFolder, 'root', name)))).toBe(true)
  })

  it('gets a root file system into one slot, and nothing around it changes', async () => {
    const card = makeCard(bench.dataFolder, 'gpt')
    const before = readFileSync(card)
    const [start, length] = PLACES.rootfsB
    await mkdir(bench.file('tree'))
    writeFileSync(bench.file('tree/new'), noise(300_000))
    program('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', bench.file('tree'), bench.file('root.ext4'), '40M'])
    const artifact = bench.file('root.mender')
    program('mender-artifact', ['write', 'rootfs-image', '-t', 'board', '-n', 'r2', '-f', bench.file('root.ext4'), '-o', artifact])
    const targets = [{ path: card, identity: null }]
    expect((await bench.flash({ source: artifact, targets })).lanes).toMatchObject([{ failure: { code: 'BAD_INPUT' } }])
    expect((await bench.flash({ source: artifact, targets, partition: 9 })).lanes).toMatchObject([{ failure: { code: 'BAD_INPUT' } }])
    for (const source of [artifact, bench.file('root.ext4')]) {
      expect((await bench.flash({ source, targets, partition: 3 })).lanes).toMatchObject([{ state: 'done', failure: null }])
      const after = readFileSync(card)
      expect(after.subarray(0, start * MIB).equals(before.subarray(0, start * MIB))).toBe(true)
      expect(after.subarray((start + length) * MIB).equals(before.subarray((start + length) * MIB))).toBe(true)
      writeFileSync(bench.file('cut'), after.subarray(start * MIB, (start + 40) * MIB))
      program('e2fsck', ['-fn', bench.file('cut')])
      expect(program('debugfs', ['-R', 'ls -p /', bench.file('cut')])).toContain('/new/300000/')
    }
    await using device = await loopDevice(256 * MIB, ['--partscan'])
    expect((await bench.flash({ source: card, targets: [await targetAt(device.path)] })).lanes).toMatchObject([{ state: 'done' }])
    const slot = await bench.flash({ source: artifact, targets: [await targetAt(device.path)], partition: 2 })
    expect(slot.lanes).toMatchObject([{ state: 'done', failure: null }])
    const [slotStart] = PLACES.rootfsA
    expect(
      readFileSync(device.path)
        .subarray(slotStart * MIB, (slotStart + 1) * MIB)
        .equals(readFileSync(bench.file('root.ext4')).subarray(0, MIB)),
    ).toBe(true)
    program('mke2fs', ['-q', '-F', '-t', 'ext4', bench.file('large.ext4'), '80M'])
    const large = await bench.flash({ source: bench.file('large.ext4'), targets, partition: 3 })
    expect(large.lanes).toMatchObject([{ state: 'failed', failure: { code: 'DRIVE_TOO_SMALL' } }])
  })

  it('that is too small, held by a program, or mounted is left as it is, and the others go on', async () => {
    const source = image(6 * MIB)
    await using small = await loopDevice(4 * MIB)
    await using held = await loopDevice(8 * MIB)
    await using good = await loopDevice(8 * MIB)
    await using busy = await loopDevice(8 * MIB, [], (file) => void program('mkfs.ext4', ['-qF', file]))
    const targets = [await targetAt(small.path), await targetAt(held.path), await targetAt(busy.path), await targetAt(good.path)]
    await using _at = await mounted(busy.path, '/mnt')
    const holder = openSync(held.path, constants.O_RDWR | constants.O_EXCL)
    try {
      const { lanes } = await bench.flash({ source, targets })
      expect(lanes.map(({ state, failure }) => [state, failure?.code])).toEqual([
        ['failed', 'DRIVE_TOO_SMALL'],
        ['failed', 'DRIVE_BUSY'],
        ['failed', 'PERMISSION'],
        ['done', undefined],
      ])
      for (const { path } of [small, held]) expect(front(path)).toBe('\0'.repeat(UNFINISHED.length))
      expect(
        readFileSync(good.path)
          .subarray(0, 6 * MIB)
          .equals(noise(6 * MIB)),
      ).toBe(true)
    } finally {
      closeSync(holder)
    }
  })

  it('that has less room than it says fails with the place, and says on itself that it is not whole', async () => {
    const source = image(32 * MIB)
    const place = bench.file('thin')
    await mkdir(place)
    program('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', place])
    const file = join(place, 'card')
    writeFileSync(file, '')
    truncateSync(file, 32 * MIB)
    const path = program('losetup', ['--find', '--show', file])
    try {
      const { lanes } = await bench.flash({ source, targets: [await targetAt(path)] })
      expect(lanes).toMatchObject([
        { state: 'failed', failure: { code: 'DISK_FULL', message: expect.stringMatching(/at byte \d+ \(block \d+\)/) } },
      ])
      expect(front(path)).toBe(UNFINISHED)
      // And a file beside it, where nothing is left.
      const other = await bench.flash({ source, targets: [{ path: join(place, 'other'), identity: null }] })
      expect(other.lanes).toMatchObject([{ state: 'failed', failure: { code: 'DISK_FULL' } }])
    } finally {
      program('losetup', ['--detach', path])
      // As long as another program looks into the device, the kernel keeps its file open.
      await expect.poll(() => program('losetup', ['--noheadings', '--associated', file])).toBe('')
      program('umount', [place])
    }
  })

  describe('that is virtual', () => {
    const virtual = async (name: string, faults: Partial<DriveFaults>): Promise<FlashTarget> => {
      await bench.client.drives.createVirtual({ name, sizeBytes: 32 * MIB, faults: { ...NO_DRIVE_FAULTS, ...faults } })
      return targetAt(join(bench.dataFolder, `virtual-drives/${name}.img`), false)
    }

    it('fails at a byte, is pulled, or keeps less than it says: each is told as what it is, and spares the others', async () => {
      const source = image(24 * MIB)
      const targets = [
        await virtual('worn', { failsAtByte: 13 * MIB + 5 }),
        await virtual('pulled', { pulledAtByte: 11 * MIB }),
        await virtual('counterfeit', { realBytes: 10 * MIB }),
        await virtual('good', {}),
      ]
      const { id, lanes } = await bench.flash({ source, targets })
      expect(lanes).toMatchObject([
        {
          ...{ state: 'failed', phase: 'writing', savedBytes: 0 },
          failure: { code: 'DRIVE_FAILED', message: expect.stringContaining(`at byte ${13 * MIB + 5}`) },
        },
        { state: 'failed', phase: 'writing', savedBytes: 0, failure: { code: 'DRIVE_REMOVED' } },
        {
          state: 'failed',
          rewriteCount: expect.any(Number),
          failure: { code: 'VERIFY_FAILED', message: expect.stringMatching(/keeps less than \d+ bytes/) },
        },
        { state: 'done', failure: null },
      ])
      expect(lanes[2]?.rewrites.every(({ times, startBytes }) => times === 3 && startBytes >= 10 * MIB - MIB)).toBe(true)
      for (const { path } of targets.slice(0, 3)) expect(front(path)).toBe(UNFINISHED)

      // Plugged in again, it is another medium for the machine; what was on it is found, and the rest is written.
      await bench.client.drives.setFaults({ id: 'pulled', faults: NO_DRIVE_FAULTS })
      const pulled = await targetAt(targets[1]?.path ?? '', false)
      const lane = lanes[1]
      if (!lane || !pulled.identity) throw new Error('it is not there')
      await bench.client.flash.retry({ id, lanes: [lane.id], identities: { [lane.id]: pulled.identity } })
      const again = (await bench.ended(id)).lanes[1]
      expect(again).toMatchObject({ state: 'done', failure: null })
      expect(again?.savedBytes).toBeGreaterThan(5 * MIB)
      expect(
        readFileSync(pulled.path)
          .subarray(0, 24 * MIB)
          .equals(noise(24 * MIB)),
      ).toBe(true)
    })

    it('is followed as it is written: its phase, its rate along the card, and that it is what everything waits for', async () => {
      const source = image(24 * MIB)
      const slow = await virtual('slow', { writeBytesPerSecond: 3 * MIB })
      const { id } = await bench.client.flash.start({ source, targets: [slow] })
      const seen = await bench.reached(
        id,
        ({ lanes: [lane] }) => lane?.phase === 'writing' && lane.samples.length > 8 && lane.bottleneck !== null,
      )
      expect(seen.lanes[0]).toMatchObject({ bottleneck: 'card', totalBytes: 24 * MIB, sampleBytes: MIB })
      const { lanes } = await bench.ended(id)
      expect(lanes[0]).toMatchObject({ state: 'done', writtenBytes: 24 * MIB })
    })

    it('is never reported whole when its writer was killed, at 30 random moments, and is finished afterwards', async () => {
      const source = image(8 * MIB)
      const target = await virtual('killed', { writeBytesPerSecond: 40 * MIB })
      const whole = noise(8 * MIB)
      const wholeFront = whole.toString('latin1', 0, UNFINISHED.length)
      const isWhole = (): boolean => {
        const card = readFileSync(target.path)
        return card.subarray(0, whole.length).equals(whole)
      }
      let id = ''
      let killedCount = 0
      for (let round = 0; round < 30; round += 1) {
        writeFileSync(target.path, Buffer.alloc(32 * MIB))
        ;({ id } = await bench.client.flash.start({ source, targets: [target] }))
        const isAtWork = ({ phase }: Lane): boolean => phase !== 'checking' && phase !== 'opening'
        await bench.reached(id, ({ lanes }) => lanes.every((lane) => hasEnded(lane) || isAtWork(lane)))
        // It writes for 0.2 s, and reads back.
        const waitMs = Math.random() * 300
        await sleep(waitMs)
        killedCount += killWriter(target.path)
        const [lane] = (await bench.ended(id)).lanes
        // Between its last write and its last word it is whole already; that it looks whole, without being it, is what may not be.
        const state = { waitMs, looksWhole: front(target.path) === wholeFront, isWhole: isWhole() }
        if (state.looksWhole) expect(state).toMatchObject({ isWhole: true })
        if (lane?.state === 'done') expect(state).toMatchObject({ isWhole: true })
        else expect({ ...lane, waitMs }).toMatchObject({ state: 'failed', failure: { code: 'INTERRUPTED' } })
      }
      expect(killedCount).toBeGreaterThan(5)
      if ((await bench.ended(id)).lanes[0]?.state !== 'done') await bench.client.flash.retry({ id })
      expect((await bench.ended(id)).lanes).toMatchObject([{ state: 'done' }])
      expect(isWhole()).toBe(true)
    })

    it('is known as unfinished by the next engine, which can finish it', async () => {
      const folder = bench.file('other')
      await mkdir(folder)
      writeFileSync(join(folder, 'image'), noise(24 * MIB))
      let target = ''
      {
        await using first = await openFlashBench(folder)
        await first.client.drives.createVirtual({
          name: 'slow',
          sizeBytes: 32 * MIB,
          faults: { ...NO_DRIVE_FAULTS, writeBytesPerSecond: 4 * MIB },
        })
        const identity = (await now(first.client.drives.list({}))).find(({ virtual }) => virtual?.id === 'slow')?.identity ?? null
        target = identity?.path ?? ''
        const { id } = await first.client.flash.start({ source: join(folder, 'image'), targets: [{ path: target, identity }] })
        await first.reached(id, ({ lanes: [lane] }) => lane?.phase === 'writing')
      }
      await using next = await openFlashBench(folder)
      const [view] = await now(next.client.flash.list())
      if (!view) throw new Error('it is forgotten')
      expect(view.lanes).toMatchObject([{ state: 'interrupted', failure: { code: 'INTERRUPTED' } }])
      await next.client.flash.retry({ id: view.id })
      expect((await next.ended(view.id)).lanes).toMatchObject([{ state: 'done' }])
      expect(
        readFileSync(target)
          .subarray(0, 24 * MIB)
          .equals(noise(24 * MIB)),
      ).toBe(true)
      await next.client.flash.forget({ id: view.id })
      // The image itself stays known where it was old enough to be told apart from a later one.
      expect(readdirSync(join(next.dataFolder, 'flashes')).filter((name) => name !== 'known-images')).toEqual([])
      await rm(folder, { recursive: true, force: true }).catch(() => undefined)
    })
  })
})

/** Ends the writer of a target at once; answers how many there were. */
function killWriter(target: string): number {
  const writers = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name).endsWith(`\0${target}\0`))
  for (const name of writers) process.kill(Number(name), 'SIGKILL')
  return writers.length
}

function commandOf(processId: string): string {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}
