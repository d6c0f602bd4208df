import { BlockCache } from './block-cache.ts'
import { padBits, putBits } from './ext4-bitmap.ts'
import { Checksums, seal } from './ext4-checksum.ts'
import { editExt4 } from './ext4-edit.ts'
import { type EditVolume, freshInode, openEditVolume, sealInode } from './ext4-edit-volume.ts'
import { beginFolder } from './ext4-folder-edit.ts'
import { superblockOf } from './ext4-groups.ts'
import { ROOT_INODE } from './ext4-inode.ts'
import { fillInode } from './ext4-inode-edit.ts'
import { DIRECT_POINTERS } from './ext4-blocks.ts'
import { GROUP, GROUP_FLAGS, INODE, I_BLOCK_BYTES, SUPER, getWide, put, putWide } from './ext4-layout.ts'
import { FIRST_INODE, type Frame, LOG_GROUPS_PER_FLEX, type NewExt4, frameOf, putFeatures, putSuperblock } from './ext4-make-frame.ts'
import { type Volume, descriptorAt, openVolume } from './ext4-volume.ts'
import { allocate, inOrder, putMap } from './ext4-write.ts'
import { type Zone, groupBlocks, groupFront, groupStart, systemZones, zonesIn } from './ext4-zones.ts'
import type { EditImage, LinuxFileSystem } from './file-system.ts'
import { bytesOf } from './image-bytes.ts'

const RESIZE_INODE = 7
const JOURNAL_INODE = 8
/** The journal's superblock, which is big-endian: magic, type of the block, block size, blocks, first block, sequence, users. */
const JBD2_MAGIC = 0xc03b_3998
const JBD2_SUPERBLOCK_V2 = 4

/**
 * Makes an ext4 file system with the features that mke2fs gives it in Debian 12, empty but for lost+found, over a whole image.
 * The image has to be blank: what is not written is taken for zeros. BAD_INPUT when it is too small.
 */
export async function makeExt4(image: EditImage, options: NewExt4): Promise<LinuxFileSystem> {
  const frame = frameOf(image.sizeBytes, options)
  const cache = new BlockCache(image, frame.blockSize)
  putSuperblock(await superblockOf(cache, frame.blockSize), frame, options)
  await putGroups(await openVolume(cache.read, cache.read), cache, frame)
  cache.keep()
  await cache.flush()
  const volume = await openEditVolume(image, options.madeAt)
  await makeSystemFiles(volume, frame, options.madeAt)
  await volume.groups.seal()
  volume.cache.keep()
  await volume.cache.flush()
  const files = await editExt4(image, { changedAt: options.madeAt })
  await files.makeFolder('/lost+found', { mode: 0o700, modifiedAt: options.madeAt })
  await files.finish()
  return files
}

/** Descriptors, bitmaps, and the counts of what is free. */
async function putGroups(volume: Volume, cache: BlockCache, frame: Frame): Promise<void> {
  const superblock = await superblockOf(cache, frame.blockSize)
  const sums = new Checksums(superblock, volume.features)
  for (let first = 0; first < frame.groupCount; first += 2 ** LOG_GROUPS_PER_FLEX) await placeFlexGroup(volume, first, { cache, frame })
  const zones = await systemZones(volume)
  let freeBlocks = 0
  for (let group = 0; group < frame.groupCount; group++) {
    const descriptor = await descriptorOf(volume, cache, group)
    const used = zonesIn(zones, { start: groupStart(volume, group), count: groupBlocks(volume, group) })
    const free = groupBlocks(volume, group) - used.reduce((sum, { count }) => sum + count, 0)
    const reservedInodes = group === 0 ? FIRST_INODE - 1 : 0
    putWide(descriptor, GROUP.bg_free_blocks_count, free)
    putWide(descriptor, GROUP.bg_free_inodes_count, frame.inodesPerGroup - reservedInodes)
    putWide(descriptor, GROUP.bg_itable_unused, frame.inodesPerGroup - reservedInodes)
    putWide(descriptor, GROUP.bg_used_dirs_count, group === 0 ? 1 : 0)
    put(descriptor, GROUP.bg_flags, GROUP_FLAGS.INODE_ZEROED)
    const blocks = bitmapOf(cache, descriptor, 'bg_block_bitmap')
    for (const { start, count } of used) putBits(blocks, { start: start - groupStart(volume, group), count }, true)
    padBits(blocks, groupBlocks(volume, group))
    const inodes = bitmapOf(cache, descriptor, 'bg_inode_bitmap')
    putBits(inodes, { start: 0, count: reservedInodes }, true)
    padBits(inodes, frame.inodesPerGroup)
    seal(sums.bitmap(descriptor, 'bg_block_bitmap_csum', blocks.subarray(0, frame.blocksPerGroup / 8)))
    seal(sums.bitmap(descriptor, 'bg_inode_bitmap_csum', inodes.subarray(0, frame.inodesPerGroup / 8)))
    seal(sums.group(descriptor, group))
    freeBlocks += free
  }
  putWide(superblock, SUPER.s_free_blocks_count, freeBlocks)
  put(superblock, SUPER.s_free_inodes_count, frame.inodesPerGroup * frame.groupCount - (FIRST_INODE - 1))
  seal(sums.superblock(superblock))
}

interface Making {
  cache: BlockCache
  frame: Frame
}

/** Says where the bitmaps and inode tables of groups that lie together are: all of one kind one after the other, from the first group on. */
async function placeFlexGroup(volume: Volume, first: number, { cache, frame }: Making): Promise<void> {
  const count = Math.min(2 ** LOG_GROUPS_PER_FLEX, frame.groupCount - first)
  let next = groupStart(volume, first)
  for (const [place, blocks] of [
    [GROUP.bg_block_bitmap, 1],
    [GROUP.bg_inode_bitmap, 1],
    [GROUP.bg_inode_table, frame.tableBlocks],
  ] as const) {
    for (let group = first; group < first + count; group++) {
      next = behindFronts(volume, { start: next, count: blocks })
      putWide(await descriptorOf(volume, cache, group), place, next)
      next += blocks
    }
  }
}

/** The first place from `start` on where so many blocks do not touch the beginning of a group. */
function behindFronts(volume: Volume, { start, count }: Zone): number {
  let at = start
  for (let group = Math.floor((at - volume.firstDataBlock) / volume.blocksPerGroup); groupStart(volume, group) < at + count; group++) {
    const { superblock, descriptors, reserved } = groupFront(volume, group)
    const end = groupStart(volume, group) + superblock + descriptors + reserved
    if (superblock > 0 && at < end) at = end
  }
  return at
}

async function descriptorOf(volume: Volume, cache: BlockCache, group: number): Promise<DataView> {
  const at = descriptorAt(volume, group)
  const block = await cache.edit(Math.floor(at / volume.blockSize))
  return new DataView(block.buffer, block.byteOffset + (at % volume.blockSize), volume.descriptorSize)
}

function bitmapOf(cache: BlockCache, descriptor: DataView, which: 'bg_block_bitmap' | 'bg_inode_bitmap'): Uint8Array {
  return bytesOf(cache.fresh(getWide(descriptor, GROUP[which])))
}

/** The root folder, the inode that keeps room for more descriptors, and the journal. */
async function makeSystemFiles(volume: EditVolume, frame: Frame, madeAt: number): Promise<void> {
  const demand = { path: '/', goalGroup: 0 }
  const root = await freshInode(volume, ROOT_INODE)
  fillInode(volume, root, { kind: 'folder', mode: 0o755, modifiedAt: madeAt })
  put(root, INODE.i_links_count, 2)
  sealInode(volume, root, ROOT_INODE)
  await beginFolder(volume, ROOT_INODE, ROOT_INODE, demand)
  await makeResizeInode(volume, frame, madeAt)
  if (frame.journalBlocks > 0) await makeJournal(volume, frame, madeAt)
}

/**
 * A file whose map is what it is for: each block behind the descriptors of group 0 stands in it as a block of pointers, to the blocks
 * that stand for the same descriptors in the backups.
 */
async function makeResizeInode(volume: EditVolume, frame: Frame, madeAt: number): Promise<void> {
  const { blockSize, blocksPerGroup, descriptorBlocks, reservedGdtBlocks, firstDataBlock, groupCount } = frame
  const perBlock = blockSize / 4
  const [map] = await allocate(volume, 1, { path: '/', goalGroup: 0 })
  if (!map) return
  const pointers = volume.cache.fresh(map.physical)
  const backups = Array.from({ length: groupCount - 1 }, (_, index) => index + 1).filter((group) => volume.hasBackup(group))
  for (let index = 0; index < reservedGdtBlocks; index++) {
    const block = firstDataBlock + 1 + descriptorBlocks + index
    pointers.setUint32(((descriptorBlocks + index) % perBlock) * 4, block, true)
    const below = volume.cache.fresh(block)
    for (const [place, group] of backups.entries()) below.setUint32(place * 4, block + group * blocksPerGroup, true)
  }
  const inode = await freshInode(volume, RESIZE_INODE)
  fillInode(volume, inode, { kind: 'file', mode: 0o600, modifiedAt: madeAt })
  put(inode, INODE.i_links_count, 1)
  putWide(inode, INODE.i_size, (DIRECT_POINTERS + perBlock + perBlock ** 2) * blockSize)
  putWide(inode, INODE.i_blocks, (1 + reservedGdtBlocks * (1 + backups.length)) * (blockSize / 512))
  inode.setUint32(INODE.i_block.at + (DIRECT_POINTERS + 1) * 4, map.physical, true)
  sealInode(volume, inode, RESIZE_INODE)
}

async function makeJournal(volume: EditVolume, { journalBlocks, blockSize, groupCount }: Frame, madeAt: number): Promise<void> {
  const demand = { path: 'the journal', goalGroup: groupCount >> 1 }
  const runs = inOrder((await allocate(volume, journalBlocks, demand)).map(({ physical, count }) => ({ start: physical, count })))
  const inode = await freshInode(volume, JOURNAL_INODE)
  fillInode(volume, inode, { kind: 'file', mode: 0o600, modifiedAt: madeAt })
  put(inode, INODE.i_links_count, 1)
  putWide(inode, INODE.i_size, journalBlocks * blockSize)
  await putMap(volume, { view: inode, number: JOURNAL_INODE }, runs, demand)
  sealInode(volume, inode, JOURNAL_INODE)
  const head = volume.cache.fresh(runs[0]?.physical ?? 0)
  for (const [at, value] of [JBD2_MAGIC, JBD2_SUPERBLOCK_V2, 0, blockSize, journalBlocks, 1, 1].entries())
    head.setUint32(at * 4, value, false)
  head.setUint32(0x40, 1, false)
  const superblock = await superblockOf(volume.cache, blockSize)
  putFeatures(superblock, ['has_journal'])
  put(superblock, SUPER.s_journal_inum, JOURNAL_INODE)
  put(superblock, SUPER.s_jnl_backup_type, 1)
  const backup = bytesOf(superblock).subarray(SUPER.s_jnl_blocks.at)
  backup.set(bytesOf(inode).subarray(INODE.i_block.at, INODE.i_block.at + I_BLOCK_BYTES))
  superblock.setUint32(SUPER.s_jnl_blocks.at + I_BLOCK_BYTES, Math.floor((journalBlocks * blockSize) / 2 ** 32), true)
  superblock.setUint32(SUPER.s_jnl_blocks.at + I_BLOCK_BYTES + 4, (journalBlocks * blockSize) % 2 ** 32, true)
}
