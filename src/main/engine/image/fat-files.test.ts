import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, constantFrom, nat, tuple } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { FatFiles } from './fat-files.ts'
import { isFat } from './fat-volume.ts'
import { over } from './test-images.cases.ts'
import { walk } from './walk.ts'

const ENV = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', MTOOLS_SKIP_CHECK: '1' }
const WIDTHS = [
  ['FAT12', ['-F', '12'], 1024],
  ['FAT16', ['-F', '16'], 16_384],
  ['FAT32', ['-F', '32', '-s', '1'], 40_960],
] as const
const NAMES = ['CONFIG.TXT', 'kernel8.img', 'bcm2710-rpi-3-b-plus.dtb', 'Ünïcode 名前 file.txt', 'README', '.hidden', 'a.b.c', 'no ending']

describe('reading FAT', () => {
  let folder: string
  const image = () => join(folder, 'fat')
  const mtools = (...args: string[]): Buffer => execFileSync(args[0] ?? '', ['-i', image(), ...args.slice(1)], { env: ENV })
  const make = (options: readonly string[], kib: number): void => {
    rmSync(image(), { force: true })
    execFileSync('/usr/sbin/mkfs.vfat', ['-C', ...options, '-n', 'BOOT', image(), String(kib)], { stdio: 'ignore' })
  }
  const textOf = async (bytes: Uint8Array, path: string): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync((await FatFiles.open(over(bytes))).content(path), (piece) => Uint8Array.from(piece)))
  /** Names of every shape, a file of many clusters, folders in folders, and holes where something was removed. */
  const fill = (): Uint8Array => {
    const tree = join(folder, 'tree')
    rmSync(tree, { recursive: true, force: true })
    mkdirSync(join(tree, 'overlays/deep'), { recursive: true })
    for (const name of NAMES) writeFileSync(join(tree, name), `this is ${name}`)
    writeFileSync(join(tree, 'overlays/big.bin'), Buffer.alloc(300_000, 'big file '))
    writeFileSync(join(tree, 'overlays/deep/empty'), '')
    for (let index = 0; index < 60; index++) writeFileSync(join(tree, `overlays/deep/overlay-number-${index}.dtbo`), String(index))
    for (const name of NAMES) utimesSync(join(tree, name), 1_700_000_000, 1_700_000_000)
    mtools('mcopy', '-s', '-m', join(tree, 'overlays'), '::')
    mtools('mdel', '::overlays/deep/overlay-number-7.dtbo')
    for (const name of NAMES) mtools('mcopy', '-m', join(tree, name), '::')
    return readFileSync(image())
  }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-fat-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(WIDTHS)('%s: finds what mcopy has written, as mtools does', async (_name, options, kib) => {
    make(options, kib)
    const bytes = fill()
    expect(await isFat(over(bytes))).toBe(true)
    const fat = await FatFiles.open(over(bytes))
    expect((await fat.list('/')).map(({ name }) => name)).toEqual([...NAMES, 'overlays'].toSorted((a, b) => (a < b ? -1 : 1)))
    for (const name of NAMES) {
      expect(await textOf(bytes, `/${name}`)).toEqual(mtools('mtype', `::${name}`))
      expect(await fat.stat(`/${name.toUpperCase()}`)).toMatchObject({ kind: 'file', mode: 0o644, modifiedAt: 1_700_000_000_000 })
    }
    expect(Buffer.compare(await textOf(bytes, '/overlays/big.bin'), mtools('mtype', '::overlays/big.bin'))).toBe(0)
    const shown = mtools('mdir', '-b', '-/', '::')
      .toString()
      .split('\n')
      .filter((line) => line !== '')
    const ours = await Array.fromAsync(walk(fat, '/', true), ({ path, kind }) => `::${path}${kind === 'folder' ? '/' : ''}`)
    expect(ours.toSorted()).toEqual(shown.toSorted())
    expect(await textOf(bytes, '/overlays/deep/../deep/empty')).toHaveLength(0)
  })

  it('shows a read-only file as one, and says what is not there or of another kind', async () => {
    make(['-F', '16'], 16_384)
    fill()
    mtools('mattrib', '+r', '::README')
    const fat = await FatFiles.open(over(readFileSync(image())))
    expect(await fat.stat('/README')).toMatchObject({ mode: 0o444 })
    expect(await fat.stat('/')).toMatchObject({ kind: 'folder', mode: 0o755 })
    expect(await fat.stat('/README/x')).toBeNull()
    expect(await fat.stat('/overlays/deep/overlay-number-7.dtbo')).toBeNull()
    const drain = (path: string) => Array.fromAsync(fat.content(path))
    await expect(drain('/nothing')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no /nothing in the image' })
    await expect(drain('/overlays')).rejects.toMatchObject({ code: 'BAD_INPUT', message: '/overlays is a folder' })
    await expect(fat.list('/README')).rejects.toMatchObject({ code: 'BAD_INPUT', message: '/README is a file' })
    await expect(fat.linkTarget('/README')).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('is no FAT without its signature, and a damaged one where the image is cut or its chains are', async () => {
    make(['-F', '16'], 16_384)
    const bytes = fill()
    expect(await isFat(over(bytes.subarray(0, 400)))).toBe(false)
    await expect(FatFiles.open(over(bytes.subarray(0, 1 << 20)))).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: /its partition or image ends before/,
    })
    const circular = Uint8Array.from(bytes)
    // Of both entries of the root folder that fill() made first: overlays begins at cluster 2.
    const table = new DataView(circular.buffer).getUint16(14, true) * 512
    circular.set([2, 0], table + 4)
    const fat = await FatFiles.open(over(circular))
    await expect(fat.list('/overlays')).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', message: /longer than its/ })
  })

  it('ends with an answer or a typed error, whatever the bytes say', async () => {
    const seeds = WIDTHS.map(([, options, kib]) => {
      make(options, kib)
      return fill()
    })
    const [, , seed32 = new Uint8Array(0)] = seeds
    const tables = (seed: Uint8Array) => new DataView(seed.buffer, seed.byteOffset).getUint16(14, true) * 512
    const damage = array(tuple(constantFrom('boot', 'table', 'data'), nat(4095), nat(255)), { minLength: 1, maxLength: 30 })
    await assert(
      asyncProperty(constantFrom(...seeds), damage, async (seed, changes) => {
        const bytes = Uint8Array.from(seed)
        const data = seed === seed32 ? tables(seed) + 2 * 40_960 * 8 : tables(seed) + 16_384
        for (const [where, offset, value] of changes)
          bytes[{ boot: offset % 90, table: tables(seed) + (offset % 600), data: Math.min(bytes.length - 4096, data) + offset }[where]] =
            value
        try {
          const fat = await FatFiles.open(over(bytes))
          for await (const { path, kind } of walk(fat, '/', true)) {
            if (path.length > 600) return
            if (kind === 'file') for await (const _ of fat.content(path));
          }
        } catch (thrown) {
          if (!(thrown instanceof AppError) || !['ARTIFACT_INVALID', 'NOT_FOUND', 'BAD_INPUT'].includes(thrown.code)) throw thrown
        }
      }),
      { numRuns: 150 },
    )
  })
})
