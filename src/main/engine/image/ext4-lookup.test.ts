import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, nat, tuple } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookUp } from './ext4-lookup.ts'
import { isExt4 } from './ext4-volume.ts'
import type { ReadImage } from './image-bytes.ts'

const over =
  (bytes: Uint8Array): ReadImage =>
  async (position, length) => {
    const part = new Uint8Array(bytes.subarray(position, position + length))
    return new DataView(part.buffer)
  }

describe('looking into an ext4 image', () => {
  let folder: string
  const make = (...features: string[]) => {
    const image = join(folder, 'image')
    rmSync(image, { force: true })
    execFileSync('/usr/sbin/mke2fs', ['-q', '-F', ...features, '-d', join(folder, 'tree'), image, '16M'])
    return readFileSync(image)
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-ext4-'))
    const tree = join(folder, 'tree')
    mkdirSync(join(tree, 'usr/lib/systemd'), { recursive: true })
    mkdirSync(join(tree, 'usr/sbin'))
    writeFileSync(join(tree, 'usr/lib/systemd/systemd'), 'x')
    symlinkSync('usr/sbin', join(tree, 'sbin'))
    symlinkSync('/lib/systemd/systemd', join(tree, 'usr/sbin/init'))
    symlinkSync('usr/lib', join(tree, 'lib'))
    symlinkSync('loop', join(tree, 'loop'))
    symlinkSync(`/${'./'.repeat(40)}usr/lib`, join(tree, 'long'))
    mkdirSync(join(tree, 'many'))
    for (let index = 0; index < 600; index++) writeFileSync(join(tree, 'many', `a-file-with-a-long-name-${index}`), '')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['ext4', ['-t', 'ext4']],
    ['ext4 with 1 KiB blocks and no 64-bit descriptors', ['-t', 'ext4', '-b', '1024', '-O', '^64bit']],
    ['ext2', ['-t', 'ext2', '-b', '4096']],
  ])('finds files through folders and links in %s', async (_name, features) => {
    const read = over(make(...features))
    expect(await isExt4(read)).toBe(true)
    for (const path of ['/', '/sbin/init', '/usr/lib/systemd/systemd', '/lib/systemd/systemd', '/long/systemd'])
      expect(await lookUp(read, path)).toBe('present')
    for (const path of ['/sbin/nothing', '/etc/init', '/loop/x', '/usr/lib/systemd/systemd/x'])
      expect(await lookUp(read, path)).toBe('absent')
  })

  it('finds a file in a folder of many blocks', async () => {
    const read = over(make('-t', 'ext4', '-b', '1024'))
    expect(await lookUp(read, '/many/a-file-with-a-long-name-599')).toBe('present')
    expect(await lookUp(read, '/many/a-file-with-a-long-name-600')).toBe('absent')
  })

  it('says unknown where it does not understand, and ends whatever the bytes say', async () => {
    expect(await isExt4(over(new Uint8Array(100)))).toBe(false)
    expect(await lookUp(over(new Uint8Array(100)), '/sbin/init')).toBe('unknown')
    const good = make('-t', 'ext4', '-b', '1024')
    const damage = array(tuple(nat(16_384), nat(255)), { maxLength: 200 })
    await assert(
      asyncProperty(damage, async (changes) => {
        const bytes = Uint8Array.from(good)
        for (const [at, value] of changes) bytes[1024 + at] = value
        expect(['present', 'absent', 'unknown']).toContain(await lookUp(over(bytes), '/sbin/init'))
      }),
      { numRuns: 100 },
    )
  })
})
