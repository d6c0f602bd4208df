import { freeBits } from './ext4-bitmap.ts'
import { Checksums, isSound } from './ext4-checksum.ts'
import { checkBitmapsComplete } from './ext4-features.ts'
import { GROUP, GROUP_FLAGS, STATE, SUPER, SUPERBLOCK_AT, SUPERBLOCK_BYTES, get, getWide } from './ext4-layout.ts'
import { type Volume, descriptorAt, openVolume, readBlocks } from './ext4-volume.ts'
import { groupBlocks, groupStart, systemZones } from './ext4-zones.ts'
import { type ReadImage, badImage, bytesOf } from './image-bytes.ts'
import { type Range, merged, without } from './ranges.ts'

/** mke2fs makes no smaller ones. */
const MIN_GROUP_BLOCKS = 256

/**
 * The bytes of an ext2, 3 or 4 file system that belong to no file and not to itself, in order. ARTIFACT_INVALID where its bitmaps are not
 * to be trusted: damaged, not unmounted cleanly, or with a feature by which there is more to know.
 */
export async function freeInExt(read: ReadImage): Promise<Range[]> {
  const volume = await openVolume(read)
  const superblock = await read(SUPERBLOCK_AT, SUPERBLOCK_BYTES)
  checkBitmapsComplete(superblock)
  const state = get(superblock, SUPER.s_state)
  if ((state & STATE.VALID) === 0 || (state & STATE.ERROR) !== 0) throw badImage('ext4: it was not unmounted cleanly, or has errors')
  const { blocksPerGroup, blockSize, groupCount } = volume
  if (blocksPerGroup < MIN_GROUP_BLOCKS || blocksPerGroup > blockSize * 8 || blocksPerGroup % 8 !== 0)
    throw badImage(`ext4 superblock: ${blocksPerGroup} blocks a group`)
  const sums = new Checksums(superblock, volume.features)
  if (!isSound(sums.superblock(superblock))) throw badImage('ext4: the checksum of the superblock is wrong')
  const free: Range[] = []
  for (let group = 0; group < groupCount; group++) for (const run of await freeInGroup(volume, sums, group)) free.push(run)
  const zones = (await systemZones(volume)).map(({ start, count }) => ({ start, end: start + count }))
  return without(merged(free), merged(zones)).map(({ start, end }) => ({ start: start * blockSize, end: end * blockSize }))
}

/** In blocks. What the file system itself lies in may be among it. */
async function freeInGroup(volume: Volume, sums: Checksums, group: number): Promise<Range[]> {
  const descriptor = await volume.readMeta(descriptorAt(volume, group), volume.descriptorSize)
  if (descriptor.byteLength < volume.descriptorSize) throw badImage(`ext4: the image ends before the descriptor of group ${group}`)
  if (!isSound(sums.group(descriptor, group))) throw badImage(`ext4: the checksum of the descriptor of group ${group} is wrong`)
  const [first, count] = [groupStart(volume, group), groupBlocks(volume, group)]
  // Of such a group the bitmap was never written.
  if (sums.hasGroupFlags && (get(descriptor, GROUP.bg_flags) & GROUP_FLAGS.BLOCK_UNINIT) !== 0)
    return [{ start: first, end: first + count }]
  const bitmap = bytesOf(await readBlocks(volume, getWide(descriptor, GROUP.bg_block_bitmap)))
  if (!isSound(sums.bitmap(descriptor, 'bg_block_bitmap_csum', bitmap.subarray(0, volume.blocksPerGroup / 8))))
    throw badImage(`ext4: the checksum of the block bitmap of group ${group} is wrong`)
  return Array.from(freeBits(bitmap, count), (run) => ({ start: first + run.start, end: first + run.start + run.count }))
}
