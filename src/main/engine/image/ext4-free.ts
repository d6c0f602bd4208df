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

/** What is free in a stretch of a file system, in bytes from its start; stretches follow each other from there. */
export interface FreeStretch {
  end: number
  free: Range[]
}

/**
 * The bytes of an ext2, 3 or 4 file system that belong to no file and not to itself, group by group, so that a stream does not have to come
 * to its end. ARTIFACT_INVALID where its bitmaps are not to be trusted: damaged, not unmounted cleanly, or with a feature by which there is
 * more to know.
 */
export async function* freeInExt(read: ReadImage): AsyncGenerator<FreeStretch, void, void> {
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
  const zones = merged((await systemZones(volume)).map(({ start, count }) => ({ start, end: start + count })))
  const inBytes = ({ start, end }: Range): Range => ({ start: start * blockSize, end: end * blockSize })
  // What is free up to the end of a group may go on in the next one.
  let left: Range[] = []
  for (let group = 0; group < groupCount; group++) {
    const free = without(merged([...left, ...(await freeInGroup(volume, sums, group))]), zones)
    const end = groupStart(volume, group) + groupBlocks(volume, group)
    left = group + 1 < groupCount ? lastUpTo(free, end) : []
    yield { end: (left[0]?.start ?? end) * blockSize, free: free.map(inBytes) }
  }
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

/** Takes the last range away where it reaches up to `end`. */
function lastUpTo(ranges: Range[], end: number): Range[] {
  return ranges.at(-1)?.end === end ? ranges.splice(-1) : []
}
