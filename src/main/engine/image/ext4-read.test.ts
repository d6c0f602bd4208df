import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, nat, tuple } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import type { Inode } from './ext4-inode.ts'
import { Ext4 } from './ext4-read.ts'
import { change, debugfs, makeImage, over } from './test-images.cases.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** One line a path: kind, mode, owner, size, time, link target, checksum; the same from a reader and from a real folder. */
type Listing = Record<string, string>

async function contentSum(image: Ext4, inode: Inode): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of image.content(inode)) hash.update(piece)
  return hash.digest('hex')
}

async function listImage(image: Ext4, folder?: Inode, path = ''): Promise<Listing> {
  const top = folder ?? (await image.root())
  const lines: Listing = {}
  for (const { name, inode: number } of await image.list(top)) {
    if (path === '' && name === 'lost+found') continue
    const inode = await image.inode(number)
    const { kind, mode, uid, gid, modifiedAt } = inode
    const what =
      kind === 'link' ? await image.linkTarget(inode) : kind === 'file' ? `${inode.sizeBytes} ${await contentSum(image, inode)}` : ''
    lines[`${path}/${name}`] = `${kind} ${mode.toString(8)} ${uid}:${gid} ${Math.floor(modifiedAt / 1000)} ${what}`
    if (kind === 'folder') Object.assign(lines, await listImage(image, inode, `${path}/${name}`))
  }
  return lines
}

function listFolder(root: string, path = ''): Listing {
  const lines: Listing = {}
  for (const name of readdirSync(join(root, path))) {
    const full = join(root, path, name)
    const stat = lstatSync(full)
    const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : stat.isFIFO() ? 'fifo' : 'file'
    const what = kind === 'link' ? readlinkSync(full) : kind === 'file' ? `${stat.size} ${sha256(readFileSync(full))}` : ''
    lines[`${path}/${name}`] =
      `${kind} ${(stat.mode & 0o7777).toString(8)} ${stat.uid}:${stat.gid} ${Math.floor(stat.mtimeMs / 1000)} ${what}`
    if (kind === 'folder') Object.assign(lines, listFolder(root, `${path}/${name}`))
  }
  return lines
}

function makeTree(tree: string): void {
  mkdirSync(join(tree, 'etc/init.d'), { recursive: true })
  writeFileSync(join(tree, 'etc/tiny'), 'x')
  writeFileSync(join(tree, 'etc/empty'), '')
  writeFileSync(join(tree, 'etc/inode-sized'), 'i'.repeat(140))
  writeFileSync(join(tree, 'etc/init.d/naïve ☕.sh'), '#!/bin/sh\n')
  chmodSync(join(tree, 'etc/init.d/naïve ☕.sh'), 0o4755)
  linkSync(join(tree, 'etc/tiny'), join(tree, 'etc/tiny-again'))
  symlinkSync('init.d', join(tree, 'etc/short'))
  symlinkSync(`${'./'.repeat(100)}init.d`, join(tree, 'etc/long'))
  symlinkSync('./'.repeat(29) + 'x', join(tree, 'etc/59'))
  symlinkSync('./'.repeat(30), join(tree, 'etc/60'))
  execFileSync('mkfifo', [join(tree, 'etc/fifo')])
  const noise = Buffer.alloc(3_300_001)
  for (let at = 0; at < noise.length; at++) noise[at] = (at * 2_654_435_761) >>> 13
  writeFileSync(join(tree, 'big'), noise)
  chownSync(join(tree, 'big'), 70_000, 80_000)
  const sparse = openSync(join(tree, 'sparse'), 'w')
  for (let at = 0; at < 12; at++) writeSync(sparse, Buffer.from(`island ${at}`), 0, 8, at * 7_000_003 + 4096)
  closeSync(sparse)
  mkdirSync(join(tree, 'many'))
  for (let index = 0; index < 1500; index++) writeFileSync(join(tree, 'many', `a-file-with-a-rather-long-name-${index}`), '')
  utimesSync(join(tree, 'etc/tiny'), 1_700_000_000, 1_700_000_000)
  utimesSync(join(tree, 'etc/empty'), 1, -86_400)
}

describe('reading an ext image', () => {
  let folder: string
  let tree: string
  let image: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-ext4-read-'))
    tree = join(folder, 'tree')
    image = join(folder, 'image')
    makeTree(tree)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['ext4, 4 KiB blocks', ['-t', 'ext4', '-b', '4096']],
    ['ext4, 1 KiB blocks', ['-t', 'ext4', '-b', '1024']],
    ['ext4 with 64-bit descriptors', ['-t', 'ext4', '-b', '1024', '-O', '64bit']],
    ['ext4 without', ['-t', 'ext4', '-b', '4096', '-O', '^64bit']],
    ['ext4 with inline data', ['-t', 'ext4', '-b', '4096', '-O', 'inline_data', '-I', '256']],
    ['ext4 with inline data and large inodes', ['-t', 'ext4', '-b', '1024', '-O', 'inline_data', '-I', '1024']],
    ['ext4 with meta block groups', ['-t', 'ext4', '-b', '1024', '-g', '1024', '-O', 'meta_bg,^resize_inode']],
    ['ext4 without extents and checksums', ['-t', 'ext4', '-b', '1024', '-O', '^extents,^64bit,^metadata_csum']],
    ['ext4 with clusters', ['-t', 'ext4', '-b', '1024', '-O', 'bigalloc', '-C', '8192']],
    ['ext4 with 64 KiB blocks', ['-t', 'ext4', '-b', '65536']],
    ['ext3, 1 KiB blocks', ['-t', 'ext3', '-b', '1024']],
    ['ext2, 1 KiB blocks', ['-t', 'ext2', '-b', '1024', '-O', '^filetype']],
    ['ext2, 4 KiB blocks and small inodes', ['-t', 'ext2', '-b', '4096', '-I', '128']],
  ])('finds in %s the very tree that was put in', async (_name, options) => {
    const found = await listImage(await Ext4.open(over(makeImage(image, tree, ...options, '-N', '2000'))))
    expect(found).toEqual(listFolder(tree))
  })

  it('lists folders that an index was built for, and reads trees of extents deeper than one level', async () => {
    makeImage(image, tree, '-t', 'ext4', '-b', '1024', '-N', '2000')
    execFileSync('/usr/sbin/e2fsck', ['-fyD', image], { stdio: 'ignore' })
    expect(debugfs(image, 'htree_dump /many')).toContain('Indirect levels')
    const combed = join(folder, 'combed')
    const file = openSync(combed, 'w')
    for (let at = 0; at < 700; at++) writeSync(file, Buffer.from(`tooth ${at}`), 0, 7, at * 4096)
    closeSync(file)
    const bytes = change(image, `write ${combed} /combed`)
    expect(debugfs(image, 'ex /combed')).toMatch(/ [1-9]\/ [1-9]/)
    const reader = await Ext4.open(over(bytes))
    const inode = await reader.find('/combed')
    expect(inode && (await contentSum(reader, inode))).toBe(sha256(readFileSync(combed)))
    expect(Object.keys(await listImage(reader)).length).toBe(Object.keys(listFolder(tree)).length + 1)
  })

  it('agrees with debugfs about devices, deleted files and odd names', async () => {
    makeImage(image, tree, '-t', 'ext4', '-b', '1024', '-N', '2000')
    const bytes = change(
      image,
      'rm /many/a-file-with-a-rather-long-name-7',
      'mknod null c 1 3',
      'mknod loop b 7 2',
      'sif /etc/tiny mtime_extra 1',
    )
    const reader = await Ext4.open(over(bytes))
    expect(await reader.find('/null')).toMatchObject({ kind: 'character device', major: 1, minor: 3 })
    expect(await reader.find('/loop')).toMatchObject({ kind: 'block device', major: 7, minor: 2 })
    expect(await reader.find('/etc/tiny')).toMatchObject({ modifiedAt: (1_700_000_000 + 2 ** 32) * 1000 })
    const many = await reader.find('/many')
    const names = debugfs(image, 'ls -p /many')
      .split('\n')
      .flatMap((line) => line.split('/')[5] ?? [])
    expect(many && (await reader.list(many)).map(({ name }) => name)).toEqual(
      names.filter((name) => name !== '' && !/^\.\.?$/.test(name)).toSorted(),
    )
    expect(names).not.toContain('a-file-with-a-rather-long-name-7')
  })

  it.each([
    ['needs its journal replayed', 'feature needs_recovery', /not unmounted cleanly.*journal/],
    ['is encrypted', 'feature encrypt', /encrypted/],
    ['has compressed files', 'feature FEATURE_I0', /not understood: incompat 0x1$/],
    ['is a journal of its own', 'feature journal_dev', /not understood: incompat 0x8$/],
  ])('refuses an image that %s, and says so', async (_name, request, message) => {
    makeImage(image, join(tree, 'etc'), '-t', 'ext4')
    await expect(Ext4.open(over(change(image, request)))).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('says what is wrong with an image that is none or is cut', async () => {
    const bytes = makeImage(image, tree, '-t', 'ext4', '-b', '1024', '-N', '2000')
    await expect(Ext4.open(over(new Uint8Array(100)))).rejects.toThrow(/not an ext2, ext3 or ext4/)
    await expect(Ext4.open(over(new Uint8Array(10_000)))).rejects.toThrow(/not an ext2, ext3 or ext4/)
    await expect(Ext4.open(over(bytes.subarray(0, -1)))).rejects.toThrow(
      /has 24576 blocks of 1024 bytes; its partition or image ends before/,
    )
  })

  it('ends with a typed error or an answer, whatever the metadata say', async () => {
    for (const options of [
      ['-t', 'ext4'],
      ['-t', 'ext4', '-O', 'inline_data', '-I', '256'],
      ['-t', 'ext2'],
    ]) {
      const good = makeImage(image, join(tree, 'etc'), ...options, '-b', '1024')
      const used = await Ext4.open(over(good))
      const root = await used.root()
      expect((await used.list(root)).length).toBeGreaterThan(5)
      const damage = array(tuple(nat(300_000), nat(255)), { minLength: 1, maxLength: 400 })
      await assert(
        asyncProperty(damage, async (changes) => {
          const bytes = Uint8Array.from(good)
          for (const [at, value] of changes) bytes[1024 + at] = value
          await Ext4.open(over(bytes))
            .then((reader) => listImage(reader))
            .catch((thrown: unknown) => {
              expect(thrown).toBeInstanceOf(AppError)
              expect(thrown).toMatchObject({ code: 'ARTIFACT_INVALID' })
            })
        }),
        { numRuns: 60 },
      )
    }
  })

  it('ends for pointers that lead back to where they come from', async () => {
    makeImage(image, join(tree, 'etc'), '-t', 'ext2', '-b', '1024')
    const loops = change(image, 'sif /tiny size 0x40000000', 'sif /tiny block[IND] 8', 'sif /tiny block[DIND] 8', 'sif /tiny block[TIND] 8')
    for (let at = 0; at < 1024; at += 4) new DataView(loops.buffer, loops.byteOffset).setUint32(8 * 1024 + at, 8, true)
    const reader = await Ext4.open(over(loops))
    await expect(
      reader
        .root()
        .then((root) => reader.list(root))
        .then(async () => contentSum(reader, await reader.inode(12))),
    ).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
  })

  it('does not write out more zeros than a person waits for', async () => {
    makeImage(image, join(tree, 'etc'), '-t', 'ext4', '-b', '4096')
    const reader = await Ext4.open(over(change(image, 'sif /empty size 0x100000000000')))
    const inode = await reader.find('/empty')
    await expect(inode && contentSum(reader, inode)).rejects.toThrow(/holes.*larger than/)
  })
})
