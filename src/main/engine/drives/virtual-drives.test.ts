import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import { type Drive, type DriveFaults, NO_DRIVE_FAULTS } from '../../contract/drives.ts'
import type { Lane } from '../../contract/flash.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { card, mounted, program, settle } from './loop.cases.ts'

let bench: TestEngine
let source: string
beforeAll(async () => {
  bench = await openTestEngine()
  source = join(bench.folder, 'card.img')
  await writeFile(source, randomBytes(12 << 20))
  await bench.client.drives.createVirtual({ name: 'lab', sizeBytes: 48 << 20 })
})
afterAll(() => bench[Symbol.asyncDispose]())

const find = async (): Promise<Drive | undefined> => (await now(bench.client.drives.list({}))).find(({ virtual }) => virtual?.id === 'lab')

async function drive(): Promise<Drive> {
  const found = await find()
  if (!found) throw new Error('it is not plugged in')
  return found
}

/** Writes the image to the drive by the real writer; answers how the lane ended. */
async function flash(faults: Partial<DriveFaults>): Promise<Lane> {
  const { client } = bench
  await client.drives.setFaults({ id: 'lab', faults: { ...NO_DRIVE_FAULTS, ...faults } })
  const { identity } = await drive()
  const { id } = await client.flash.start({ source, targets: [{ path: identity.path, identity }] })
  const ended = ({ state }: Lane) => state === 'done' || state === 'failed'
  const views = await until(client.flash.list(), (all) => all.some((view) => view.id === id && view.lanes.every(ended)))
  const [lane] = views.find((view) => view.id === id)?.lanes ?? []
  if (!lane) throw new Error('there is no lane')
  return lane
}

describe('a virtual drive', () => {
  it('is written like any other', async () => {
    expect(await flash({})).toMatchObject({ state: 'done', writtenBytes: 12 << 20 })
  })

  it('shows what was written to it', async () => {
    expect((await drive()).partitions).toEqual([])
    await using device = await card()
    await using at = await mounted(device.partitions.data, '/media')
    await mkdir(`${at.folder}/mender`)
    await writeFile(`${at.folder}/mender/device_type`, 'device_type=board\n')
    settle(at.folder)
    program('umount', [at.folder])
    await copyFile(device.file, (await drive()).identity.path)
    expect(await drive()).toMatchObject({
      partitions: [
        { number: 1, label: 'BOOT', fileSystem: 'vfat' },
        { number: 2, label: 'root', fileSystem: 'ext4' },
        { number: 3, label: 'data', fileSystem: 'ext4' },
      ],
      mender: { artifactName: '', deviceType: 'board' },
    })
  })

  it('reports an error at the byte that it was told', async () => {
    expect((await flash({ failsAtByte: 5_000_000 })).failure).toMatchObject({
      code: 'DRIVE_FAILED',
      message: expect.stringContaining('5000000'),
    })
  })

  it('is gone when it is pulled, and another one for whoever chose it when it is plugged in again', async () => {
    const before = await drive()
    expect((await flash({ pulledAtByte: 5_000_000 })).failure?.code).toBe('DRIVE_REMOVED')
    expect(await find()).toBeUndefined()
    await bench.client.drives.setFaults({ id: 'lab', faults: NO_DRIVE_FAULTS })
    const after = await drive()
    expect(after.identity).toMatchObject({ serial: before.identity.serial, path: before.identity.path })
    expect(after.identity.diskSequence).not.toBe(before.identity.diskSequence)
  })

  it('keeps less than it says, also of what was there when it was honest', async () => {
    await flash({})
    expect((await flash({ realBytes: 8 << 20 })).failure).toMatchObject({
      code: 'VERIFY_FAILED',
      message: expect.stringContaining('It keeps less than'),
    })
  })

  it('takes its time', async () => {
    const startedAt = performance.now()
    await flash({ writeBytesPerSecond: 24 << 20 })
    expect(performance.now() - startedAt).toBeGreaterThan(400)
  })
})
