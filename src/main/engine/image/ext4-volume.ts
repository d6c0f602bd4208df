import { type Features, checkReadable, featuresOf } from './ext4-features.ts'
import type { Hashing } from './ext4-hash.ts'
import { EXT_MAGIC, GROUP, SUPER, SUPERBLOCK_AT, SUPERBLOCK_BYTES, SUPER_FLAGS, get, getWide } from './ext4-layout.ts'
import { type ReadImage, badImage, hasBytes, keeping } from './image-bytes.ts'

/** The frame of an ext2, 3 or 4 file system: superblock, group descriptors, inodes. Checksums of metadata are not looked at. */
export interface Volume {
  /** Data, as it lies there. */
  read: ReadImage
  /** Metadata, through a small cache. */
  readMeta: ReadImage
  features: Features
  blockSize: number
  blockCount: number
  inodeCount: number
  usedInodeCount: number
  inodeSize: number
  inodesPerGroup: number
  blocksPerGroup: number
  groupCount: number
  firstDataBlock: number
  descriptorSize: number
  /** Groups of descriptors from this one on stand with their groups; Infinity where all stand at the front. */
  firstMetaGroup: number
  /** Blocks behind the descriptors that are kept for more of them. */
  reservedGdtBlocks: number
  hasBackup: (group: number) => boolean
  /** How a new index of a folder is to be made. */
  hashing: Hashing
  /** What may still be visited; see `spend`. */
  budget: Budget
}

interface Budget {
  /** Blocks of files and folders: more than the image has means that something is listed again and again. */
  blocks: number
  /** Bytes of holes that are read out: a few bytes of an image can promise terabytes of zeros. */
  holes: number
}

const MAX_HOLES = 16 * 2 ** 30

/** Whether an image carries the magic number of ext2, 3 and 4 (offset 1080). */
export async function isExt4(read: ReadImage): Promise<boolean> {
  const view = await read(SUPERBLOCK_AT, SUPERBLOCK_BYTES)
  return view.byteLength === SUPERBLOCK_BYTES && get(view, SUPER.s_magic) === EXT_MAGIC
}

/** ARTIFACT_INVALID when it is none, is damaged, or has a feature that this reader does not know. */
export async function openVolume(read: ReadImage, readMeta = keeping(read)): Promise<Volume> {
  const view = await read(SUPERBLOCK_AT, SUPERBLOCK_BYTES)
  if (view.byteLength < SUPERBLOCK_BYTES || get(view, SUPER.s_magic) !== EXT_MAGIC)
    throw badImage('This is not an ext2, ext3 or ext4 file system: the superblock has no magic number')
  checkReadable(view)
  const features = featuresOf(view)
  const inodeCount = get(view, SUPER.s_inodes_count)
  const frame = {
    ...{ read, readMeta, features, inodeCount },
    ...sizesOf(view, features),
    blockCount: features.has('64bit') ? getWide(view, SUPER.s_blocks_count) : get(view, SUPER.s_blocks_count.lo),
    usedInodeCount: Math.max(0, inodeCount - get(view, SUPER.s_free_inodes_count)),
    inodesPerGroup: get(view, SUPER.s_inodes_per_group),
    blocksPerGroup: get(view, SUPER.s_blocks_per_group),
    firstDataBlock: get(view, SUPER.s_first_data_block),
    firstMetaGroup: features.has('meta_bg') ? get(view, SUPER.s_first_meta_bg) : Number.POSITIVE_INFINITY,
    reservedGdtBlocks: get(view, SUPER.s_reserved_gdt_blocks),
    hasBackup: backupsOf(view, features),
    hashing: {
      version: get(view, SUPER.s_def_hash_version),
      isSigned: (get(view, SUPER.s_flags) & SUPER_FLAGS.UNSIGNED_HASH) === 0,
      seed: [0, 4, 8, 12].map((at) => view.getUint32(SUPER.s_hash_seed.at + at, true)),
    },
  }
  const groupCount = Math.ceil((frame.blockCount - frame.firstDataBlock) / frame.blocksPerGroup)
  const volume: Volume = { ...frame, groupCount, budget: { blocks: 0, holes: 0 } }
  checkFrame(volume)
  renewBudget(volume)
  // Also what keeps the count of blocks, and with it every loop over them, in proportion to the image.
  if (!(await hasBytes(read, volume.blockCount * volume.blockSize)))
    throw badImage(`ext4: the file system has ${volume.blockCount} blocks of ${volume.blockSize} bytes; its partition or image ends before`)
  return volume
}

function sizesOf(view: DataView, features: Features): Pick<Volume, 'blockSize' | 'inodeSize' | 'descriptorSize'> {
  const shift = get(view, SUPER.s_log_block_size)
  const isRevision0 = get(view, SUPER.s_rev_level) === 0
  const blockSize = shift > 6 ? 0 : 1024 << shift
  const inodeSize = isRevision0 ? 128 : get(view, SUPER.s_inode_size)
  const descriptorSize = features.has('64bit') ? get(view, SUPER.s_desc_size) : 32
  if (blockSize === 0) throw badImage(`ext4 superblock: the block size is 2^${10 + shift} bytes`)
  if (inodeSize < 128 || inodeSize > blockSize || !isPowerOf2(inodeSize)) throw badImage(`ext4 superblock: inodes of ${inodeSize} bytes`)
  if (descriptorSize < 32 || descriptorSize > 1024 || !isPowerOf2(descriptorSize))
    throw badImage(`ext4 superblock: group descriptors of ${descriptorSize} bytes`)
  return { blockSize, inodeSize, descriptorSize }
}

function isPowerOf2(value: number): boolean {
  return (value & (value - 1)) === 0
}

function checkFrame({ blockCount, inodeCount, inodesPerGroup, blocksPerGroup, groupCount, firstDataBlock, blockSize }: Volume): void {
  if (blockCount === 0 || blockCount * blockSize > Number.MAX_SAFE_INTEGER) throw badImage(`ext4 superblock: ${blockCount} blocks`)
  if (inodesPerGroup === 0 || blocksPerGroup === 0 || firstDataBlock > 1)
    throw badImage(
      `ext4 superblock: ${inodesPerGroup} inodes and ${blocksPerGroup} blocks a group, the first data block is ${firstDataBlock}`,
    )
  if (inodeCount > groupCount * inodesPerGroup) throw badImage(`ext4 superblock: ${inodeCount} inodes in ${groupCount} groups`)
}

/** Which groups begin with a copy of the superblock. */
function backupsOf(view: DataView, features: Features): (group: number) => boolean {
  if (features.has('sparse_super2')) {
    const backups = [0, ...SUPER.s_backup_bgs.map((field) => get(view, field))]
    return (group) => backups.includes(group)
  }
  if (!features.has('sparse_super')) return () => true
  return (group) => group <= 1 || [3, 5, 7].some((base) => isPowerOf(base, group))
}

function isPowerOf(base: number, value: number): boolean {
  let power = base
  while (power < value) power *= base
  return power === value
}

/** Allows as much to be visited as a sound image has. */
export function renewBudget(volume: Volume): void {
  volume.budget = { blocks: volume.blockCount * (volume.features.has('shared_blocks') ? 64 : 4) + 1024, holes: MAX_HOLES }
}

/** Counts what is visited; throws where a sound image would have ended long before. */
export function spend(volume: Volume, blocks: number): void {
  volume.budget.blocks -= blocks
  if (volume.budget.blocks < 0) throw badImage('ext4: the same blocks are listed again and again')
}

export function spendHoles(volume: Volume, bytes: number): void {
  volume.budget.holes -= bytes
  if (volume.budget.holes < 0) throw badImage(`ext4: the holes of its files are larger than ${MAX_HOLES} bytes in all`)
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
  const at = await inodeAt(volume, number)
  const view = await volume.readMeta(at, volume.inodeSize)
  if (view.byteLength < volume.inodeSize) throw badImage(`ext4: the image ends before inode ${number}`)
  return view
}

/** The position of an inode in the image. */
export async function inodeAt(volume: Volume, number: number): Promise<number> {
  const { inodeCount, inodesPerGroup, inodeSize, blockSize, blockCount } = volume
  if (number < 1 || number > inodeCount) throw badImage(`ext4: inode ${number} is referred to; the file system has ${inodeCount}`)
  const group = Math.floor((number - 1) / inodesPerGroup)
  const descriptor = await volume.readMeta(descriptorAt(volume, group), volume.descriptorSize)
  if (descriptor.byteLength < volume.descriptorSize) throw badImage(`ext4: the image ends before the descriptor of group ${group}`)
  const table = getWide(descriptor, GROUP.bg_inode_table)
  const at = table * blockSize + ((number - 1) % inodesPerGroup) * inodeSize
  if (table === 0 || at + inodeSize > blockCount * blockSize) throw badImage(`ext4: group ${group} has its inodes at block ${table}`)
  return at
}

/** The position of a group's descriptor in the image. */
export function descriptorAt(volume: Volume, group: number): number {
  const { blockSize, descriptorSize, firstDataBlock, blocksPerGroup } = volume
  const perBlock = blockSize / descriptorSize
  const metaGroup = Math.floor(group / perBlock)
  const front = Math.floor(SUPERBLOCK_AT / blockSize) + 1
  if (metaGroup < volume.firstMetaGroup) return front * blockSize + group * descriptorSize
  const firstGroup = metaGroup * perBlock
  const block = firstGroup === 0 ? front : firstDataBlock + firstGroup * blocksPerGroup + (volume.hasBackup(firstGroup) ? 1 : 0)
  return block * blockSize + (group % perBlock) * descriptorSize
}
