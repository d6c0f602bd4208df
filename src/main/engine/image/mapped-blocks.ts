import { type FreeStretch, freeInExt } from './ext4-free.ts'
import { isExt4 } from './ext4-volume.ts'
import { freeInFat } from './fat-free.ts'
import { isFat } from './fat-volume.ts'
import { type ReadImage, bytesOf, isBadImage } from './image-bytes.ts'
import { partOf, readTable } from './open-file-system.ts'
import { type Range, merged, without } from './ranges.ts'

/** The grain of block maps, in bytes. */
export const BLOCK_BYTES = 4096

export interface MappedBlocks {
  /** Of blocks, in order, none beside another. */
  ranges: Range[]
  /** File systems that are mapped whole, and why. */
  warnings: string[]
}

/** What is known of an image up to a byte: the blocks that lie in free space alone, or why a file system is mapped whole. */
export interface Holes {
  endBytes: number
  holes: Range[]
  warning: string | null
  /** Whether another file system, or what lies before it, begins. */
  isStart: boolean
}

/**
 * The blocks of an image that mean nothing, from its start to its end and no sooner than they have to be known: those that lie in the free
 * space of its ext2, 3, 4 and FAT file systems alone. ARTIFACT_INVALID where the partition table is damaged.
 */
export async function* holesOf(read: ReadImage, sizeBytes: number): AsyncGenerator<Holes, void, void> {
  const table = await readTable(read, sizeBytes)
  const places = table?.partitions.toSorted((a, b) => a.startBytes - b.startBytes) ?? [{ number: 0, startBytes: 0, sizeBytes }]
  for (const place of places) {
    const { startBytes } = place
    yield { endBytes: startBytes, holes: [], warning: null, isStart: true }
    try {
      for await (const { end, free } of freeIn(partOf(read, place))) {
        const holes = free.flatMap((range) => blocksIn(range, startBytes))
        yield { endBytes: startBytes + end, holes, warning: null, isStart: false }
      }
    } catch (thrown) {
      if (!isBadImage(thrown)) throw thrown
      const what = place.number === 0 ? 'the file system' : `partition ${place.number}`
      yield { endBytes: startBytes, holes: [], warning: `${what} is mapped whole: ${thrown.message}`, isStart: false }
    }
  }
}

/** The whole blocks in a range of bytes. */
function blocksIn({ start, end }: Range, startBytes: number): Range[] {
  const hole = { start: Math.ceil((startBytes + start) / BLOCK_BYTES), end: Math.floor((startBytes + end) / BLOCK_BYTES) }
  return hole.end > hole.start ? [hole] : []
}

/**
 * The blocks of an image that mean something: all but its holes. Partition tables, gaps, and whatever is not known, are mapped.
 * ARTIFACT_INVALID where the partition table is damaged.
 */
export async function mappedBlocks(read: ReadImage, sizeBytes: number): Promise<MappedBlocks> {
  const warnings: string[] = []
  const holes: Range[] = []
  let trustedCount = 0
  for await (const stretch of holesOf(read, sizeBytes)) {
    if (stretch.isStart) trustedCount = holes.length
    if (stretch.warning !== null) {
      // A file system that is damaged further on is not believed in front either.
      warnings.push(stretch.warning)
      holes.length = trustedCount
    }
    for (const hole of stretch.holes) holes.push(hole)
  }
  return { ranges: without([{ start: 0, end: Math.ceil(sizeBytes / BLOCK_BYTES) }], merged(holes)), warnings }
}

async function* freeIn(read: ReadImage): AsyncGenerator<FreeStretch, void, void> {
  if (await isExt4(read)) yield* freeInExt(read)
  else if (await isFat(read)) yield { end: 0, free: await freeInFat(read) }
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
