import { freeInExt } from './ext4-free.ts'
import { isExt4 } from './ext4-volume.ts'
import { freeInFat } from './fat-free.ts'
import { isFat } from './fat-volume.ts'
import { type ReadImage, bytesOf, isBadImage } from './image-bytes.ts'
import { partOf, readTable } from './open-file-system.ts'
import { type Range, without } from './ranges.ts'

/** The grain of block maps, in bytes. */
export const BLOCK_BYTES = 4096

export interface MappedBlocks {
  /** Of blocks, in order, none beside another. */
  ranges: Range[]
  /** File systems that are mapped whole, and why. */
  warnings: string[]
}

/**
 * The blocks of an image that mean something: all but those that lie in the free space of its ext2, 3, 4 and FAT file systems alone.
 * Partition tables, gaps, and whatever is not known, are mapped. ARTIFACT_INVALID where the partition table is damaged.
 */
export async function mappedBlocks(read: ReadImage, sizeBytes: number): Promise<MappedBlocks> {
  const table = await readTable(read, sizeBytes)
  const places = table?.partitions.toSorted((a, b) => a.startBytes - b.startBytes) ?? [{ number: 0, startBytes: 0, sizeBytes }]
  const warnings: string[] = []
  const holes: Range[] = []
  for (const place of places) {
    try {
      for (const { start, end } of await freeIn(partOf(read, place))) {
        const hole = {
          start: Math.ceil((place.startBytes + start) / BLOCK_BYTES),
          end: Math.floor((place.startBytes + end) / BLOCK_BYTES),
        }
        if (hole.end > hole.start) holes.push(hole)
      }
    } catch (thrown) {
      if (!isBadImage(thrown)) throw thrown
      warnings.push(`${place.number === 0 ? 'the file system' : `partition ${place.number}`} is mapped whole: ${thrown.message}`)
    }
  }
  return { ranges: without([{ start: 0, end: Math.ceil(sizeBytes / BLOCK_BYTES) }], holes), warnings }
}

async function freeIn(read: ReadImage): Promise<Range[]> {
  if (await isExt4(read)) return freeInExt(read)
  return (await isFat(read)) ? freeInFat(read) : []
}

/** Blocks that are read at once. */
const PIECE_BLOCKS = 256
const ZEROS = Buffer.alloc(BLOCK_BYTES)

/** The same ranges without the blocks in which there are only zeros. `onBlocks` hears how many were looked at. */
export async function withoutZeros(read: ReadImage, ranges: readonly Range[], onBlocks: (count: number) => void): Promise<Range[]> {
  const zeros: Range[] = []
  for (const range of ranges) {
    for (let at = range.start; at < range.end; at += PIECE_BLOCKS) {
      const count = Math.min(PIECE_BLOCKS, range.end - at)
      const bytes = bytesOf(await read(at * BLOCK_BYTES, count * BLOCK_BYTES))
      for (let index = 0; index < count; index++) {
        const block = bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)
        if (ZEROS.subarray(0, block.length).equals(block)) zeros.push({ start: at + index, end: at + index + 1 })
      }
      onBlocks(count)
    }
  }
  return without(ranges, zeros)
}
