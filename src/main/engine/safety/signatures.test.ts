import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readerOf } from '../lib/image-file.ts'
import { nodeHost } from '../host.node.ts'
import { signatureOf } from './signatures.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-signatures-'))
})
afterAll(() => rm(folder, { recursive: true }))

const SIZE = 32 << 20

/** A new file that real tools write a volume into, or that gets bytes at places (below zero: from its end). */
async function volume(name: string, content: readonly [number, Buffer][] | ((path: string) => void)): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, '')
  const file = await open(path, 'r+')
  await file.truncate(SIZE)
  if (typeof content !== 'function') for (const [at, bytes] of content) await file.write(bytes, 0, bytes.length, at < 0 ? SIZE + at : at)
  await file.close()
  if (typeof content === 'function') content(path)
  return path
}

async function ours(path: string): Promise<string> {
  await using file = await nodeHost().files.open(path, 'read')
  return await signatureOf(readerOf(file), await file.sizeBytes())
}

const run = (name: string, args: string[], input = '') => void execFileSync(name, args, { input, stdio: ['pipe', 'ignore', 'ignore'] })

/** pvcreate wants a block device. */
function makeVolumeGroupPart(path: string): void {
  const device = execFileSync('losetup', ['--find', '--show', path], { encoding: 'utf8' }).trim()
  try {
    run('pvcreate', ['--yes', device])
  } finally {
    run('losetup', ['--detach', device])
  }
}

/** What blkid finds, looking at the bytes alone. */
const blkid = (path: string) =>
  spawnSync('blkid', ['--probe', '--output', 'value', '--match-tag', 'TYPE', path], { encoding: 'utf8' }).stdout.trim()

/** The front of a superblock of Linux RAID, version 1: magic, major version, and the sector it says that it lies at. */
function raid(sector: number): Buffer {
  const bytes = Buffer.alloc(4096)
  bytes.writeUInt32LE(0xa92b4efc, 0)
  bytes.writeUInt32LE(1, 4)
  bytes.writeBigUInt64LE(BigInt(sector), 144)
  // The checksum over the 256 bytes of a superblock without devices.
  let sum = 0
  for (let at = 0; at < 256; at += 4) sum += bytes.readUInt32LE(at)
  bytes.writeUInt32LE(((sum & 0xffffffff) >>> 0) + Math.floor(sum / 2 ** 32), 216)
  return bytes
}

function oldRaid(isBig: boolean): Buffer {
  const bytes = Buffer.alloc(4096)
  const words = [0xa92b4efc, 0, 90]
  for (const [index, word] of words.entries()) (isBig ? bytes.writeUInt32BE : bytes.writeUInt32LE).call(bytes, word, index * 4)
  return bytes
}

it.each<[string, readonly [number, Buffer][] | ((path: string) => void)]>([
  ['LVM2_member', makeVolumeGroupPart],
  [
    'crypto_LUKS',
    (path) => run('cryptsetup', ['luksFormat', '--type', 'luks1', '--pbkdf-force-iterations', '1000', '-q', path, '-'], 'pw'),
  ],
  [
    'crypto_LUKS',
    (path) =>
      run('cryptsetup', ['luksFormat', '--type', 'luks2', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000', '-q', path, '-'], 'pw'),
  ],
  ['swap', (path) => run('mkswap', [path])],
  ['swap', (path) => run('mkswap', ['--pagesize', '65536', path])],
  ['linux_raid_member', [[4096, raid(8)]]],
  ['linux_raid_member', [[0, raid(0)]]],
  ['linux_raid_member', [[-8192, raid(SIZE / 512 - 16)]]],
  ['linux_raid_member', [[-65_536, oldRaid(false)]]],
  ['linux_raid_member', [[-65_536, oldRaid(true)]]],
  ['isw_raid_member', [[-1024, Buffer.from('Intel Raid ISM Cfg Sig. 1.1.00')]]],
])('knows %s where blkid does (%#)', async (kind, content) => {
  const path = await volume(`${kind}-${Math.random()}`, content)
  expect([blkid(path), await ours(path)]).toEqual([kind, kind])
})

it('reads the marks of what has no tool here: their bytes are those of blkid’s own table', async () => {
  const marked: [string, [number, Buffer][]][] = [
    ['bcache', [[4096 + 24, Buffer.from('c68573f64e1a45ca8265f57f48ba6d81', 'hex')]]],
    ['zfs_member', [[128 * 1024 + 7 * 1024, Buffer.from('0cb1ba0000000000', 'hex')]]],
    ['BitLocker', [[3, Buffer.from('-FVE-FS-')]]],
    ['btrfs', [[65_600, Buffer.from('_BHRfS_M')]]],
    ['ddf_raid_member', [[-512, Buffer.from('de11de11', 'hex')]]],
  ]
  for (const [kind, content] of marked) expect(await ours(await volume(kind, content))).toBe(kind)
})

it('finds nothing in zeros, in ext4 and in FAT', async () => {
  expect(await ours(await volume('zeros', []))).toBe('')
  expect(await ours(await volume('ext4', (path) => run('mkfs.ext4', ['-q', path])))).toBe('')
  expect(await ours(await volume('fat', (path) => run('mkfs.vfat', [path])))).toBe('')
  const small = join(folder, 'small')
  await writeFile(small, 'LABEL')
  expect(await ours(small)).toBe('')
})
