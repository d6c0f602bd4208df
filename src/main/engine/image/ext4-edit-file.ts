import { AppError } from '../../contract/errors.ts'
import type { Bits } from './ext4-bitmap.ts'
import type { Run } from './ext4-blocks.ts'
import { dropInlineData } from './ext4-attributes.ts'
import { type EditVolume, editInode, freshInode, sealInode } from './ext4-edit-volume.ts'
import { featureBit } from './ext4-features.ts'
import { superblockOf } from './ext4-groups.ts'
import { type Inode, parseInode } from './ext4-inode.ts'
import { type NewInode, fillInode, putOwnership, putTime, touch } from './ext4-inode-edit.ts'
import { EXTENT_BYTES, INODE, INODE_FLAGS, I_BLOCK_BYTES, SUPER, get, put, putWide } from './ext4-layout.ts'
import { ownsBlocks } from './ext4-remove.ts'
import { type Demand, allocate, checkSize, inOrder, planMap, putMap, takenBy, unwritten, writeContent } from './ext4-write.ts'
import { type NewFile, type NewLink, imageFull } from './file-system.ts'
import { badImage, bytesOf } from './image-bytes.ts'

/** From this size on the file system has to say that it has large files. */
const LARGE_FILE_BYTES = 2 ** 31

/** A new inode with `linkCount` names and no content yet. DISK_FULL when all are in use. */
export async function makeInode(volume: EditVolume, file: NewInode & { linkCount: number }, { path, goalGroup }: Demand): Promise<number> {
  const number = await volume.groups.allocateInode(goalGroup, file.kind === 'folder')
  if (number === null)
    throw new AppError(
      'DISK_FULL',
      `${path}: the file system has no inode left`,
      'Remove files from the image, or make it with more inodes.',
    )
  const view = await freshInode(volume, number)
  fillInode(volume, view, file)
  put(view, INODE.i_links_count, file.linkCount)
  sealInode(volume, view, number)
  return number
}

/** Fills a file that was just made. What it needs is set aside before anything is written. */
export async function fillFile(volume: EditVolume, number: number, file: NewFile, demand: Demand): Promise<void> {
  checkSize(volume, demand.path, file.sizeBytes)
  const runs = await allocate(volume, Math.ceil(file.sizeBytes / volume.blockSize), demand)
  await putContent(volume, { number, runs, file }, demand)
}

/**
 * Replaces the content of a file, which keeps its inode and with it its names and attributes. The new content goes where nothing was;
 * only when there is no room for both it goes over the old one, which is then lost should the source fail.
 */
export async function replaceFile(volume: EditVolume, inode: Inode, file: NewFile, demand: Demand): Promise<void> {
  const { number } = inode
  checkSize(volume, demand.path, file.sizeBytes)
  const view = await editInode(volume, number)
  if (inode.flags & INODE_FLAGS.VERITY)
    throw badImage(`${demand.path} is sealed with fs-verity and cannot be changed`, 'Remove it, and write it anew.')
  const old = ownsBlocks(inode) ? await takenBy(volume, inode) : { content: [], map: [] }
  if (inode.inline) dropInlineData(view, number)
  put(view, INODE.i_flags, (get(view, INODE.i_flags) & ~INODE_FLAGS.INLINE_DATA) >>> 0)
  putOwnership(view, file)
  putTime(view, 'modified', file.modifiedAt)
  touch(volume, view, 'facts')
  sealInode(volume, view, number)
  for (const run of old.map) volume.groups.freeBlocks(run)
  const runs = await roomFor(volume, { blocks: Math.ceil(file.sizeBytes / volume.blockSize), old: old.content }, demand)
  await putContent(volume, { number, runs, file }, demand)
}

async function roomFor(volume: EditVolume, { blocks, old }: { blocks: number; old: readonly Bits[] }, demand: Demand): Promise<Run[]> {
  const { groups, blockSize } = volume
  const free = await groups.freeBlockCount()
  if (blocks + mostMapBlocks(blocks, blockSize) <= free) {
    for (const run of old) groups.freeBlocks(run)
    return allocate(volume, blocks, demand)
  }
  const had = old.reduce((sum, { count }) => sum + count, 0)
  if (blocks > free + had) throw imageFull(demand.path, blocks * blockSize, (free + had) * blockSize)
  const kept: Bits[] = []
  let left = blocks
  for (const run of old) {
    groups.checkOwned(run)
    const count = Math.min(run.count, left)
    if (count > 0) kept.push({ start: run.start, count })
    if (count < run.count) groups.freeBlocks({ start: run.start + count, count: run.count - count })
    left -= count
  }
  const more = await allocate(volume, left, demand)
  return inOrder([...kept, ...more.map(({ physical, count }) => ({ start: physical, count }))])
}

/** However scattered the blocks of a file are. */
function mostMapBlocks(blocks: number, blockSize: number): number {
  return Math.ceil((blocks * 1.02) / (blockSize / EXTENT_BYTES - 1)) + 6
}

interface Filling {
  number: number
  runs: Run[]
  file: NewFile
}

async function putContent(volume: EditVolume, { number, runs, file }: Filling, demand: Demand): Promise<void> {
  const { groups, blockSize, cache } = volume
  const free = await groups.freeBlockCount()
  const mapBlocks = planMap(volume, runs).blockCount
  if (mapBlocks > free) throw imageFull(demand.path, file.sizeBytes + mapBlocks * blockSize, file.sizeBytes + free * blockSize)
  const written = await writeContent(volume, runs, { path: demand.path, ...file })
  for (const hole of unwritten(runs, written)) groups.freeBlocks(hole)
  const view = await editInode(volume, number)
  putWide(view, INODE.i_size, file.sizeBytes)
  await putMap(volume, { view, number }, written, demand)
  sealInode(volume, view, number)
  if (file.sizeBytes < LARGE_FILE_BYTES || volume.features.has('large_file')) return
  const superblock = await superblockOf(cache, blockSize)
  put(superblock, SUPER.s_feature_ro_compat, get(superblock, SUPER.s_feature_ro_compat) | featureBit('large_file').bit)
}

/** Fills a symbolic link that was just made: a short target stands in the inode, a longer one in a block. */
export async function fillLink(volume: EditVolume, number: number, { target }: NewLink, demand: Demand): Promise<void> {
  const bytes = Buffer.from(target)
  if (bytes.length === 0 || bytes.length >= Math.min(volume.blockSize, 4096) || bytes.includes(0))
    throw new AppError(
      'BAD_INPUT',
      `${demand.path}: a link cannot point to ${JSON.stringify(target)}`,
      'Give it a path of 1 to 4095 bytes.',
    )
  const runs = bytes.length < I_BLOCK_BYTES ? [] : await allocate(volume, 1, demand)
  const view = await editInode(volume, number)
  putWide(view, INODE.i_size, bytes.length)
  if (runs.length === 0) bytesOf(view).set(bytes, INODE.i_block.at)
  else await putMap(volume, { view, number }, runs, demand)
  for (const { physical } of runs) bytesOf(volume.cache.fresh(physical)).set(bytes)
  sealInode(volume, view, number)
}

export async function putLinkCount(volume: EditVolume, number: number, change: (inode: Inode) => number): Promise<void> {
  const view = await editInode(volume, number)
  put(view, INODE.i_links_count, change(parseInode(view, number)))
  touch(volume, view, 'facts')
  sealInode(volume, view, number)
}
