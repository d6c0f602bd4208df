import { BlockCache } from './block-cache.ts'
import { Checksums, isSound, seal } from './ext4-checksum.ts'
import { checkWritable } from './ext4-features.ts'
import { Groups } from './ext4-groups.ts'
import { STATE, SUPER, SUPERBLOCK_AT, SUPERBLOCK_BYTES, get } from './ext4-layout.ts'
import { type Volume, inodeAt, openVolume } from './ext4-volume.ts'
import type { EditImage } from './file-system.ts'
import { badImage } from './image-bytes.ts'

/** A file system that is being changed. What its readers read is what is meant to be there, written already or not. */
export interface EditVolume extends Volume {
  cache: BlockCache
  groups: Groups
  sums: Checksums
  /** Of what a new inode is to have behind its first 128 bytes. */
  extraBytes: number
  /** The time of whatever is changed, epoch milliseconds. */
  changedAt: number
}

const RUN_E2FSCK = 'Run e2fsck -fy on the image once.'

/** ARTIFACT_INVALID for a file system that is damaged, was not closed cleanly, or has a feature that would not be kept in order. */
export async function openEditVolume(image: EditImage, changedAt: number): Promise<EditVolume> {
  const { blockSize } = await openVolume(image.read)
  const cache = new BlockCache(image, blockSize)
  const volume = await openVolume(cache.read, cache.read)
  const superblock = await cache.read(SUPERBLOCK_AT, SUPERBLOCK_BYTES)
  checkWritable(superblock)
  const state = get(superblock, SUPER.s_state)
  if (state & STATE.ERROR) throw badImage('The ext4 file system is marked as damaged', RUN_E2FSCK)
  if ((state & STATE.VALID) === 0) throw badImage('The ext4 file system was not unmounted cleanly', RUN_E2FSCK)
  if (get(superblock, SUPER.s_last_orphan) !== 0)
    throw badImage('The ext4 file system has files that were deleted while they were open', RUN_E2FSCK)
  checkGroups(volume)
  const sums = new Checksums(superblock, volume.features)
  const wanted = get(superblock, SUPER.s_want_extra_isize)
  const extraBytes = volume.inodeSize === 128 ? 0 : wanted >= 4 && wanted % 4 === 0 && wanted <= volume.inodeSize - 128 ? wanted : 32
  return { ...volume, cache, sums, extraBytes, changedAt, groups: await Groups.open(volume, cache, sums) }
}

/** Bitmaps have a block for each group, and no tool makes groups of fewer than 256 blocks. */
function checkGroups({ blockSize, blocksPerGroup, inodesPerGroup }: Volume): void {
  const most = blockSize * 8
  if (blocksPerGroup < 256 || blocksPerGroup > most || blocksPerGroup % 8 > 0 || inodesPerGroup > most)
    throw badImage(`ext4 superblock: ${blocksPerGroup} blocks and ${inodesPerGroup} inodes a group`)
}

/** An inode to be changed. ARTIFACT_INVALID when its checksum is wrong; `sealInode` makes it right again. */
export async function editInode(volume: EditVolume, number: number): Promise<DataView> {
  const view = await inodeView(volume, number)
  if (!isSound(volume.sums.inode(view, number))) throw badImage(`ext4: the checksum of inode ${number} is wrong`)
  return view
}

/** An inode that was just handed out: whatever was in it is gone. */
export async function freshInode(volume: EditVolume, number: number): Promise<DataView> {
  const view = await inodeView(volume, number)
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(0)
  return view
}

export function sealInode(volume: EditVolume, view: DataView, number: number): void {
  seal(volume.sums.inode(view, number))
}

async function inodeView(volume: EditVolume, number: number): Promise<DataView> {
  const { cache, blockSize, inodeSize } = volume
  const at = await inodeAt(volume, number)
  const block = await cache.edit(Math.floor(at / blockSize))
  return new DataView(block.buffer, block.byteOffset + (at % blockSize), inodeSize)
}
