import { AppError } from '../../contract/errors.ts'
import { type Feature, WORDS, featureBit } from './ext4-features.ts'
import { EXT_MAGIC, STATE, SUPER, SUPER_FLAGS, get, put, putWide } from './ext4-layout.ts'
import { bytesOf } from './image-bytes.ts'

/** Everything that decides what a new file system is like: the same values make the same bytes. */
export interface NewExt4 {
  /** `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` */
  uuid: string
  /** Written as `uuid` is; what makes the order of names in large folders unpredictable for others. */
  hashSeed: string
  /** At most 16 bytes. */
  label?: string
  madeAt: number
  blockSize?: 1024 | 2048 | 4096
  /** One inode for so many bytes: 16 KiB, and 4 KiB in file systems below 512 MiB, as mke2fs has it. */
  bytesPerInode?: number
  /** True unless said otherwise; none is made where there are fewer than 2048 blocks. */
  hasJournal?: boolean
  /** Kept for root, in per cent of all blocks. */
  reservedPercent?: number
}

/** The measures of a file system, in blocks unless they say something else. */
export interface Frame {
  blockSize: number
  blockCount: number
  groupCount: number
  blocksPerGroup: number
  firstDataBlock: number
  inodesPerGroup: number
  tableBlocks: number
  descriptorBlocks: number
  reservedGdtBlocks: number
  /** 0: none. */
  journalBlocks: number
}

export const INODE_BYTES = 256
export const DESCRIPTOR_BYTES = 64
/** 16: bitmaps and inode tables of so many groups lie together. */
export const LOG_GROUPS_PER_FLEX = 4
const EXTRA_BYTES = 32
/** The first inode that a file can have. */
export const FIRST_INODE = 11
/** user_xattr and acl */
const MOUNT_OPTIONS = 0xc

const FEATURES: readonly Feature[] = [
  ...(['ext_attr', 'resize_inode', 'dir_index', 'filetype', 'extents', '64bit', 'flex_bg'] as const),
  ...(['sparse_super', 'large_file', 'huge_file', 'dir_nlink', 'extra_isize', 'metadata_csum'] as const),
]

/** The sizes of journals, by the first count of blocks that is too large for each. */
const JOURNALS = [
  [2048, 0],
  [32_768, 1024],
  [2 ** 18, 4096],
  [2 ** 19, 8192],
  [2 ** 22, 16_384],
  [2 ** 23, 32_768],
  [2 ** 24, 65_536],
  [2 ** 25, 131_072],
  [Number.POSITIVE_INFINITY, 262_144],
] as const

/** What mke2fs would choose. BAD_INPUT when there is no room for a file system. */
export function frameOf(sizeBytes: number, options: NewExt4): Frame {
  const { blockSize = 4096, bytesPerInode = sizeBytes < 512 * 2 ** 20 ? 4096 : 16_384, hasJournal = true } = options
  const blocksPerGroup = blockSize * 8
  const firstDataBlock = blockSize === 1024 ? 1 : 0
  const measure = (blockCount: number): Frame => {
    const groupCount = Math.ceil((blockCount - firstDataBlock) / blocksPerGroup)
    const descriptorBlocks = Math.ceil((groupCount * DESCRIPTOR_BYTES) / blockSize)
    const tableBlocks = tableBlocksOf(Math.ceil(sizeBytes / bytesPerInode / groupCount), blockSize)
    const mostGroups = Math.ceil((Math.min(blockCount * 1024, 2 ** 32 - 1) - firstDataBlock) / blocksPerGroup)
    const wanted = Math.ceil((mostGroups * DESCRIPTOR_BYTES) / blockSize) - descriptorBlocks
    return {
      ...{ blockSize, blockCount, groupCount, blocksPerGroup, firstDataBlock, tableBlocks, descriptorBlocks },
      inodesPerGroup: (tableBlocks * blockSize) / INODE_BYTES,
      reservedGdtBlocks: Math.max(0, Math.min(wanted, blockSize / 4)),
      journalBlocks: hasJournal ? (JOURNALS.find(([end]) => blockCount < end)?.[1] ?? 0) : 0,
    }
  }
  const blocks = Math.floor(sizeBytes / blockSize)
  const frame = measure(blocks)
  const front = 1 + frame.descriptorBlocks + frame.reservedGdtBlocks
  const last = (blocks - firstDataBlock) % blocksPerGroup
  // A last group too small to be of use is left out.
  if (frame.groupCount > 1 && last > 0 && last < front + 2 + frame.tableBlocks + 50) return measure(blocks - last)
  if (blocks < front + frame.groupCount * (2 + frame.tableBlocks) + frame.journalBlocks + 16)
    throw new AppError('BAD_INPUT', `An ext4 file system does not fit into ${sizeBytes} bytes`, 'Give it a few megabytes.')
  return frame
}

/** Whole blocks of inodes, and a whole number of bytes in their bitmap. */
function tableBlocksOf(inodes: number, blockSize: number): number {
  const perBlock = blockSize / INODE_BYTES
  const most = (blockSize * 8) / perBlock
  const step = Math.max(1, 8 / perBlock)
  return Math.min(most, Math.max(Math.ceil(16 / perBlock), Math.ceil(inodes / perBlock / step) * step))
}

/** Everything in the superblock that does not depend on what is in the file system. */
export function putSuperblock(view: DataView, frame: Frame, options: NewExt4): void {
  const { blockSize, blockCount, blocksPerGroup, firstDataBlock, inodesPerGroup, groupCount, reservedGdtBlocks } = frame
  const madeAt = Math.floor(options.madeAt / 1000)
  const log = Math.log2(blockSize / 1024)
  putWide(view, SUPER.s_blocks_count, blockCount)
  putWide(view, SUPER.s_r_blocks_count, Math.floor((blockCount * (options.reservedPercent ?? 5)) / 100))
  for (const [field, value] of [
    [SUPER.s_inodes_count, inodesPerGroup * groupCount],
    [SUPER.s_first_data_block, firstDataBlock],
    [SUPER.s_log_block_size, log],
    [SUPER.s_log_cluster_size, log],
    [SUPER.s_blocks_per_group, blocksPerGroup],
    [SUPER.s_clusters_per_group, blocksPerGroup],
    [SUPER.s_inodes_per_group, inodesPerGroup],
    [SUPER.s_wtime, madeAt],
    [SUPER.s_max_mnt_count, 0xffff],
    [SUPER.s_magic, EXT_MAGIC],
    [SUPER.s_state, STATE.VALID],
    [SUPER.s_errors, 1],
    [SUPER.s_lastcheck, madeAt],
    [SUPER.s_rev_level, 1],
    [SUPER.s_first_ino, FIRST_INODE],
    [SUPER.s_inode_size, INODE_BYTES],
    [SUPER.s_reserved_gdt_blocks, reservedGdtBlocks],
    [SUPER.s_def_hash_version, 1],
    [SUPER.s_desc_size, DESCRIPTOR_BYTES],
    [SUPER.s_default_mount_opts, MOUNT_OPTIONS],
    [SUPER.s_mkfs_time, madeAt],
    [SUPER.s_min_extra_isize, EXTRA_BYTES],
    [SUPER.s_want_extra_isize, EXTRA_BYTES],
    [SUPER.s_flags, SUPER_FLAGS.SIGNED_HASH],
    [SUPER.s_log_groups_per_flex, LOG_GROUPS_PER_FLEX],
    [SUPER.s_checksum_type, 1],
  ] as const)
    put(view, field, value)
  putFeatures(view, FEATURES)
  bytesOf(view).set(uuidBytes(options.uuid), SUPER.s_uuid.at)
  bytesOf(view).set(uuidBytes(options.hashSeed), SUPER.s_hash_seed.at)
  bytesOf(view).set(labelBytes(options.label ?? ''), SUPER.s_volume_name.at)
}

export function putFeatures(superblock: DataView, features: readonly Feature[]): void {
  for (const feature of features) {
    const { word, bit } = featureBit(feature)
    put(superblock, WORDS[word], get(superblock, WORDS[word]) | bit)
  }
}

function uuidBytes(uuid: string): Uint8Array {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid))
    throw new AppError('BAD_INPUT', `${JSON.stringify(uuid)} is not a UUID`, 'Write it as uuidgen does.')
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

function labelBytes(label: string): Uint8Array {
  const bytes = Buffer.from(label)
  if (bytes.length > 16) throw new AppError('BAD_INPUT', `The label ${JSON.stringify(label)} is longer than 16 bytes`, 'Shorten it.')
  return bytes
}
