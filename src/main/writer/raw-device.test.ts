import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRaw } from './medium.ts'
import { rawDevice } from './raw-device.ts'

describe('what is opened for a drive', () => {
  it.each<[string, NodeJS.Platform, string | null]>([
    ['/dev/disk4', 'darwin', '/dev/rdisk4'],
    ['/dev/rdisk4', 'darwin', '/dev/rdisk4'],
    ['/dev/disk4s1', 'darwin', null],
    ['/Users/me/disk4', 'darwin', null],
    ['\\\\.\\PhysicalDrive2', 'win32', '\\\\.\\PhysicalDrive2'],
    ['\\\\.\\C:', 'win32', null],
    ['C:\\card.img', 'win32', null],
    ['/dev/disk4', 'linux', null],
    ['/dev/sdb', 'linux', null],
  ])('%s on %s is %s', (path, platform, expected) => {
    expect(rawDevice(path, platform)).toBe(expected)
  })
})

describe('a device that says nothing of itself once it is open', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-raw-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function device(sizeBytes: number): Promise<string> {
    const path = join(folder, String(sizeBytes))
    await writeFile(path, '')
    await truncate(path, sizeBytes)
    return path
  }

  it('has the size that it was chosen with, and is written in blocks that fit into that', async () => {
    for (const [deviceBytes, isPart, blockBytes] of [
      [1 << 20, false, 4096],
      [1 << 20, true, 512],
      [(1 << 20) + 512, false, 512],
    ] as const) {
      const medium = await openRaw(await device(deviceBytes), { deviceBytes, neededBytes: 4096, isPart })
      expect(medium).toMatchObject({ sizeBytes: deviceBytes, blockBytes, isDirect: true, isDevice: true })
      await medium.write(new Uint8Array(4096).fill(7), 8192)
      await medium.sync()
      const found = new Uint8Array(4096)
      await medium.read(found, 8192)
      expect(found.every((byte) => byte === 7)).toBe(true)
      await medium.close()
    }
  })

  it('is not opened when that is not known or too small, and not made when it is gone', async () => {
    const wish = { deviceBytes: 8192, neededBytes: 4096, isPart: false }
    const path = await device(8192)
    await expect(openRaw(path, { ...wish, deviceBytes: null })).rejects.toMatchObject({ why: 'other-device' })
    await expect(openRaw(path, { ...wish, neededBytes: 8193 })).rejects.toMatchObject({ why: 'too-small' })
    await expect(openRaw(join(folder, 'none'), wish)).rejects.toMatchObject({ why: 'not-found' })
  })
})
