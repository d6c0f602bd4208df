import { type ReadImage, badImage, keeping } from './image-bytes.ts'

/**
 * The frame of an ext2, 3 or 4 file system: superblock, group descriptors, inodes. Numbers and offsets follow the kernel's
 * documentation, "ext4 Data Structures and Algorithms". Checksums of metadata are not looked at.
 */
export interface Volume {
  /** Data, as it lies there. */
  read: ReadImage
  /** Metadata, through a small cache. */
  readMeta: ReadImage
  blockSize: number
  blockCount: number
  inodeCount: number
  usedInodeCount: number
  inodeSize: number
  inodesPerGroup: number
  blocksPerGroup: number
  firstDataBlock: number
  descriptorSize: number
  /** Groups of descriptors from this one on stand with their groups; Infinity where all stand at the front. */
  firstMetaGroup: number
  hasBackup: (group: number) => boolean
  /** Blocks of files and folders that may still be visited: more than the image has means that something is listed again and again. */
  blocksLeft: number
}

const SUPERBLOCK_AT = 1024
const SUPERBLOCK_BYTES = 1024
const MAGIC = 0xef53

const RECOVER = 0x4
const META_BG = 0x10
const IS_64BIT = 0x80
const ENCRYPT = 0x1_0000
/** filetype, meta_bg, extents, 64bit, mmp, flex_bg, ea_inode, csum_seed, largedir, inline_data, casefold */
const UNDERSTOOD = 0x2 | META_BG | 0x40 | IS_64BIT | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000 | 0x2_0000
const SPARSE_SUPER = 0x1
const SHARED_BLOCKS = 0x4000
const SPARSE_SUPER2 = 0x200

/** Whether an image carries the magic number of ext2, 3 and 4 (offset 1080). */
export async function isExt4(read: ReadImage): Promise<boolean> {
  const view = await read(SUPERBLOCK_AT, SUPERBLOCK_BYTES)
  return view.byteLength === SUPERBLOCK_BYTES && view.getUint16(56, true) === MAGIC
}

/** ARTIFACT_INVALID when it is none, is damaged, or has a feature that this reader does not know. */
export async function openVolume(read: ReadImage): Promise<Volume> {
  const view = await read(SUPERBLOCK_AT, SUPERBLOCK_BYTES)
  if (view.byteLength < SUPERBLOCK_BYTES || view.getUint16(56, true) !== MAGIC)
    throw badImage('This is not an ext2, ext3 or ext4 file system: the superblock has no magic number')
  const incompatible = view.getUint32(96, true)
  checkFeatures(incompatible)
  const is64bit = (incompatible & IS_64BIT) !== 0
  const blockCount = view.getUint32(4, true) + (is64bit ? view.getUint32(0x150, true) * 2 ** 32 : 0)
  const hasShared = (view.getUint32(100, true) & SHARED_BLOCKS) !== 0
  const inodeCount = view.getUint32(0, true)
  const volume: Volume = {
    read,
    readMeta: keeping(read),
    ...sizesOf(view, is64bit),
    ...{ blockCount, inodeCount },
    usedInodeCount: Math.max(0, inodeCount - view.getUint32(16, true)),
    inodesPerGroup: view.getUint32(40, true),
    blocksPerGroup: view.getUint32(32, true),
    firstDataBlock: view.getUint32(20, true),
    firstMetaGroup: incompatible & META_BG ? view.getUint32(260, true) : Number.POSITIVE_INFINITY,
    hasBackup: backupsOf(view),
    blocksLeft: blockCount * (hasShared ? 64 : 4) + 1024,
  }
  checkFrame(volume)
  // Also what keeps the count of blocks, and with it every loop over them, in proportion to the image.
  const last = await read(blockCount * volume.blockSize - 1, 1)
  if (last.byteLength === 0)
    throw badImage(`ext4: the file system has ${blockCount} blocks of ${volume.blockSize} bytes; the image ends before`)
  return volume
}

function checkFeatures(incompatible: number): void {
  if (incompatible & RECOVER)
    throw badImage(
      'The ext4 file system was not unmounted cleanly: its journal holds changes that are not in place yet',
      'Run e2fsck -fy on the image once.',
    )
  if (incompatible & ENCRYPT) throw badImage('The ext4 file system has encrypted folders', 'Make the image without the feature encrypt.')
  const unknown = incompatible & ~UNDERSTOOD
  if (unknown !== 0)
    throw badImage(
      `The ext4 file system has features that are not understood: incompat 0x${(unknown >>> 0).toString(16)}`,
      'Make the image without them (mke2fs -O ^feature).',
    )
}

function sizesOf(view: DataView, is64bit: boolean): Pick<Volume, 'blockSize' | 'inodeSize' | 'descriptorSize'> {
  const shift = view.getUint32(24, true)
  const isRevision0 = view.getUint32(76, true) === 0
  const blockSize = shift > 6 ? 0 : 1024 << shift
  const inodeSize = isRevision0 ? 128 : view.getUint16(88, true)
  const descriptorSize = is64bit ? view.getUint16(254, true) : 32
  if (blockSize === 0) throw badImage(`ext4 superblock: the block size is 2^${10 + shift} bytes`)
  if (inodeSize < 128 || inodeSize > blockSize || !isPowerOf2(inodeSize)) throw badImage(`ext4 superblock: inodes of ${inodeSize} bytes`)
  if (descriptorSize < 32 || descriptorSize > 1024 || !isPowerOf2(descriptorSize))
    throw badImage(`ext4 superblock: group descriptors of ${descriptorSize} bytes`)
  return { blockSize, inodeSize, descriptorSize }
}

function isPowerOf2(value: number): boolean {
  return (value & (value - 1)) === 0
}

function checkFrame({ blockCount, inodeCount, inodesPerGroup, blocksPerGroup, firstDataBlock, blockSize }: Volume): void {
  if (blockCount === 0 || blockCount * blockSize > Number.MAX_SAFE_INTEGER) throw badImage(`ext4 superblock: ${blockCount} blocks`)
  if (inodesPerGroup === 0 || blocksPerGroup === 0 || firstDataBlock > 1)
    throw badImage(
      `ext4 superblock: ${inodesPerGroup} inodes and ${blocksPerGroup} blocks a group, the first data block is ${firstDataBlock}`,
    )
  const groups = Math.ceil((blockCount - firstDataBlock) / blocksPerGroup)
  if (inodeCount > groups * inodesPerGroup) throw badImage(`ext4 superblock: ${inodeCount} inodes in ${groups} groups`)
}

/** Which groups begin with a copy of the superblock. */
function backupsOf(view: DataView): (group: number) => boolean {
  if (view.getUint32(92, true) & SPARSE_SUPER2) {
    const backups = [0, view.getUint32(0x24c, true), view.getUint32(0x250, true)]
    return (group) => backups.includes(group)
  }
  if ((view.getUint32(100, true) & SPARSE_SUPER) === 0) return () => true
  return (group) => group <= 1 || [3, 5, 7].some((base) => isPowerOf(base, group))
}

function isPowerOf(base: number, value: number): boolean {
  let power = base
  while (power < value) power *= base
  return power === value
}

/** Counts blocks that are visited; throws where a sound image would have ended long before. */
export function spend(volume: Volume, blocks: number): void {
  volume.blocksLeft -= blocks
  if (volume.blocksLeft < 0) throw badImage('ext4: the same blocks are listed again and again')
}

/** The bytes of whole blocks; ARTIFACT_INVALID where they lie outside the image. */
export async function readBlocks(volume: Volume, start: number, count = 1): Promise<DataView> {
  const { blockSize, blockCount } = volume
  if (start + count > blockCount) throw badImage(`ext4: block ${start + count - 1} is referred to; the file system has ${blockCount}`)
  const read = count === 1 ? volume.readMeta : volume.read
  const view = await read(start * blockSize, count * blockSize)
  if (view.byteLength < count * blockSize) throw badImage(`ext4: the image ends before block ${start + count - 1}`)
  return view
}

/** Where an inode lies, as it is stored. */
export async function readStoredInode(volume: Volume, number: number): Promise<DataView> {
  const { inodeCount, inodesPerGroup, inodeSize, blockSize, blockCount } = volume
  if (number < 1 || number > inodeCount) throw badImage(`ext4: inode ${number} is referred to; the file system has ${inodeCount}`)
  const group = Math.floor((number - 1) / inodesPerGroup)
  const descriptor = await volume.readMeta(descriptorAt(volume, group), volume.descriptorSize)
  if (descriptor.byteLength < volume.descriptorSize) throw badImage(`ext4: the image ends before the descriptor of group ${group}`)
  const high = volume.descriptorSize >= 64 ? descriptor.getUint32(0x28, true) : 0
  const table = high * 2 ** 32 + descriptor.getUint32(8, true)
  const at = table * blockSize + ((number - 1) % inodesPerGroup) * inodeSize
  if (table === 0 || at + inodeSize > blockCount * blockSize) throw badImage(`ext4: group ${group} has its inodes at block ${table}`)
  const view = await volume.readMeta(at, inodeSize)
  if (view.byteLength < inodeSize) throw badImage(`ext4: the image ends before inode ${number}`)
  return view
}

function descriptorAt(volume: Volume, group: number): number {
  const { blockSize, descriptorSize, firstDataBlock, blocksPerGroup } = volume
  const perBlock = blockSize / descriptorSize
  const metaGroup = Math.floor(group / perBlock)
  const front = Math.floor(SUPERBLOCK_AT / blockSize) + 1
  if (metaGroup < volume.firstMetaGroup) return front * blockSize + group * descriptorSize
  const firstGroup = metaGroup * perBlock
  const block = firstGroup === 0 ? front : firstDataBlock + firstGroup * blocksPerGroup + (volume.hasBackup(firstGroup) ? 1 : 0)
  return block * blockSize + (group % perBlock) * descriptorSize
}
