import type { Files, HostFile } from '../../host.ts'
import type { FileSystem } from '../../image/file-system.ts'
import { type ReadImage, bytesOf } from '../../image/image-bytes.ts'
import { openFileSystem, partOf, readTable } from '../../image/open-file-system.ts'
import type { Partition, PartitionTable } from '../../image/partition.ts'
import { readVolumeFacts } from '../../image/volume-facts.ts'
import { readerOf } from '../../lib/image-file.ts'
import type { Region } from '../recipe.ts'
import { cannotConvert } from './boot-texts.ts'

/** A partition with a file system that can be looked into. */
export interface OpenPartition {
  number: number
  region: Region
  kind: string
  files: FileSystem
}

/** A card with one root file system, taken apart. Its files are good as long as its file is open. */
export interface SingleCard {
  file: HostFile
  /** null of a bare root file system. */
  table: PartitionTable | null
  root: OpenPartition
  /** null where the root file system holds everything. */
  boot: OpenPartition | null
  /** Partitions that are left behind. */
  left: Partition[]
}

const NEXT_CARD = 'A card with boot, A, B and data is changed with image seed, and its slots with artifact cp.'

/** BAD_INPUT for what has no root file system that can be converted, saying what it has instead. */
export async function takeApart(file: HostFile, path: string): Promise<SingleCard> {
  const table = await readTable(readerOf(file), await file.sizeBytes())
  const { opened, strange } = await openAll(file, path, table?.partitions ?? null)
  const roots: OpenPartition[] = []
  for (const each of opened) if (await isRoot(each)) roots.push(each)
  const [root, second] = roots
  if (second) throw cannotConvert(`partitions ${roots.map(({ number }) => number).join(' and ')} are root file systems`, NEXT_CARD)
  if (!root)
    throw cannotConvert(
      strange.length > 0 ? strange.join(', ') : 'none of its partitions is the root file system of a Linux',
      'The root file system has to be ext2, ext3 or ext4, neither encrypted nor in a volume group.',
    )
  const others = opened.filter((each) => each !== root)
  const boot = others.find(({ kind }) => kind.startsWith('fat')) ?? (await firstWithBoot(others))
  await refuseKernels(others.filter((each) => each !== boot))
  const left = (table?.partitions ?? []).filter(({ number }) => number !== root.number && number !== boot?.number)
  return { file, table, root, boot, left }
}

const BOOT_FILES = ['/extlinux/extlinux.conf', '/boot/extlinux/extlinux.conf', '/boot.scr', '/boot/boot.scr']

/** Some boards have their boot partition in ext4. */
async function firstWithBoot(partitions: readonly OpenPartition[]): Promise<OpenPartition | null> {
  for (const each of partitions) for (const path of BOOT_FILES) if (await each.files.stat(path)) return each
  return null
}

/** Kernels in one more partition would be the same for both slots, and no update would reach them. */
async function refuseKernels(partitions: readonly OpenPartition[]): Promise<void> {
  for (const { number, files } of partitions)
    if ((await files.list('/')).some(({ name }) => /^(vmlinu[xz]|zImage|Image|uImage|grub)/.test(name)))
      throw cannotConvert(
        `its kernels lie in partition ${number}, a partition of their own beside the one that boots`,
        'Put /boot into the root file system and try again.',
      )
}

/** The file systems that can be looked into, and what the others are. */
async function openAll(file: HostFile, path: string, partitions: readonly Partition[] | null) {
  const read = readerOf(file)
  const whole = { number: 0, startBytes: 0, sizeBytes: await file.sizeBytes() }
  const opened: OpenPartition[] = []
  const strange: string[] = []
  for (const place of partitions ?? [whole]) {
    const { number, startBytes, sizeBytes } = place
    const part = partOf(read, place)
    const what = await unreadable(part)
    if (what !== null) strange.push(partitions ? `partition ${number} is ${what}` : `it is ${what}`)
    const kind = what === null ? ((await readVolumeFacts(part))?.kind ?? '') : ''
    const files = kind === '' ? null : await openFileSystem(part)
    if (files) opened.push({ number, kind, files, region: { path, startBytes, sizeBytes } })
  }
  return { opened, strange }
}

async function isRoot({ kind, files }: OpenPartition): Promise<boolean> {
  if (!kind.startsWith('ext')) return false
  const stats = await Promise.all(['/etc', '/bin', '/usr', '/sbin'].map((path) => files.stat(path)))
  const [etc, ...others] = stats.map((stat) => stat !== null)
  return (etc ?? false) && others.some(Boolean)
}

const SIGNATURES: readonly { at: number; bytes: string; what: string }[] = [
  { at: 0, bytes: 'LUKS\xba\xbe', what: 'encrypted (LUKS)' },
  { at: 512, bytes: 'LABELONE', what: 'a volume group (LVM)' },
  { at: 0x1_0040, bytes: '_BHRfS_M', what: 'a btrfs file system' },
  { at: 0, bytes: 'XFSB', what: 'an XFS file system' },
  { at: 0, bytes: 'hsqs', what: 'a squashfs file system' },
  { at: 1024, bytes: '\x10\x20\xf5\xf2', what: 'an F2FS file system' },
  { at: 4096, bytes: '\xfc\x4e\x2b\xa9', what: 'a RAID member' },
]

/** What a partition is that cannot be looked into; null where it is none of them. */
async function unreadable(read: ReadImage): Promise<string | null> {
  for (const { at, bytes, what } of SIGNATURES) {
    const found = bytesOf(await read(at, bytes.length))
    if (Buffer.from(found).toString('latin1') === bytes) return what
  }
  return null
}

/** Opens the card again for an edit, which runs when the card that it came from is closed. */
export async function withRegion<T>(files: Files, region: Region, work: (found: FileSystem) => Promise<T>): Promise<T> {
  await using file = await files.open(region.path, 'read')
  const found = await openFileSystem(partOf(readerOf(file), region))
  if (!found) throw cannotConvert(`${region.path} changed while it was read`, 'Let it rest and try again.')
  return await work(found)
}

/** The content of a file of the card, read when it is asked for. */
export async function* contentIn(files: Files, region: Region, path: string): AsyncGenerator<Uint8Array, void, void> {
  await using file = await files.open(region.path, 'read')
  const found = await openFileSystem(partOf(readerOf(file), region))
  if (found) yield* found.content(path)
}
