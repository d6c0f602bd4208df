import { AppError } from '../../contract/errors.ts'
import { blocksOf } from '../artifact/blocks.ts'
import { type Run, allRunsOf } from './ext4-blocks.ts'
import type { Bits } from './ext4-bitmap.ts'
import { seal } from './ext4-checksum.ts'
import type { EditVolume } from './ext4-edit-volume.ts'
import type { Inode } from './ext4-inode.ts'
import { INODE, INODE_FLAGS, get, getWide, put, putWide } from './ext4-layout.ts'
import { type MapPlan, mostPointed, planExtents, planPointers } from './ext4-map.ts'
import { imageFull } from './file-system.ts'
import { bytesOf } from './image-bytes.ts'

const PIECE_BYTES = 1 << 20
const SECTOR_BYTES = 512

/** What an operation is about, for the message when there is no room for it, and where to look for room first. */
export interface Demand {
  path: string
  goalGroup: number
}

/** Everything that a file takes: its content and reserved space, and the blocks of its map. */
export async function takenBy(volume: EditVolume, inode: Inode): Promise<{ content: Bits[]; map: Bits[] }> {
  const content: Bits[] = []
  const map: Bits[] = []
  for await (const { use, physical, count } of allRunsOf(volume, inode)) (use === 'map' ? map : content).push({ start: physical, count })
  return { content, map }
}

/** As many blocks as a file wants, in its order. DISK_FULL where there are not as many. */
export async function allocate(volume: EditVolume, count: number, { path, goalGroup }: Demand): Promise<Run[]> {
  const { groups, blockSize } = volume
  const freeBytes = (await groups.freeBlockCount()) * blockSize
  if (count * blockSize > freeBytes) throw imageFull(path, count * blockSize, freeBytes)
  const found = await groups.allocateBlocks(count, goalGroup)
  if (!found) throw imageFull(path, count * blockSize, freeBytes)
  return inOrder(found)
}

/** Blocks one after the other, as a file without holes has them. */
export function inOrder(blocks: readonly Bits[]): Run[] {
  let logical = 0
  return blocks.map(({ start, count }) => {
    const run = { logical, physical: start, count }
    logical += count
    return run
  })
}

/** The map that this file system gives new files. */
export function planMap({ features, blockSize }: EditVolume, runs: readonly Run[]): MapPlan {
  return features.has('extents') ? planExtents(runs, blockSize) : planPointers(runs, blockSize)
}

/** Writes the map of a file into its inode and blocks for it, and counts what the file takes. The inode still has to be sealed. */
export async function putMap(volume: EditVolume, inode: { view: DataView; number: number }, runs: Run[], demand: Demand): Promise<void> {
  const { cache, sums, blockSize, features } = volume
  const plan = planMap(volume, runs)
  const numbers = (await allocate(volume, plan.blockCount, demand)).flatMap(({ physical, count }) =>
    Array.from({ length: count }, (_, index) => physical + index),
  )
  const { root, blocks } = plan.place(numbers)
  const { view, number } = inode
  bytesOf(view).set(root, INODE.i_block.at)
  for (const [index, block] of blocks.entries()) {
    const fresh = cache.fresh(numbers[index] ?? 0)
    bytesOf(fresh).set(bytesOf(block))
    if (features.has('extents')) seal(sums.extents(fresh, view, number))
  }
  const flags = get(view, INODE.i_flags) & ~(INODE_FLAGS.EXTENTS | INODE_FLAGS.INLINE_DATA | INODE_FLAGS.HUGE_FILE)
  put(view, INODE.i_flags, (flags | (features.has('extents') ? INODE_FLAGS.EXTENTS : 0)) >>> 0)
  const content = runs.reduce((sum, { count }) => sum + count, 0)
  const attributes = getWide(view, INODE.i_file_acl) === 0 ? 0 : 1
  putWide(view, INODE.i_blocks, (content + plan.blockCount + attributes) * (blockSize / SECTOR_BYTES))
}

/** BAD_INPUT for a file that cannot be as large in this file system. */
export function checkSize({ features, blockSize }: EditVolume, path: string, sizeBytes: number): void {
  const most = features.has('extents') ? 2 ** 32 - 1 : Math.min(mostPointed(blockSize), 2 ** 32 - 1)
  const sectors = features.has('huge_file') ? 2 ** 48 : 2 ** 32 - 1
  // What a file takes is counted in sectors, those of its map among them: less than a hundredth.
  const mostBytes = Math.min(most * blockSize, sectors * SECTOR_BYTES * 0.99)
  if (sizeBytes > mostBytes)
    throw new AppError(
      'BAD_INPUT',
      `${path}: a file of ${sizeBytes} bytes is larger than this file system can have (${Math.floor(mostBytes)} bytes)`,
      'Split it, or make the image as ext4.',
    )
}

export interface Content {
  path: string
  sizeBytes: number
  content: AsyncIterable<Uint8Array>
}

/**
 * Writes the content of a file into its blocks, and answers those that something was written into: blocks of zeros are left out, as
 * holes. BAD_INPUT when more or fewer bytes come than were announced.
 */
export async function writeContent(volume: EditVolume, runs: readonly Run[], { path, sizeBytes, content }: Content): Promise<Run[]> {
  const { blockSize, cache } = volume
  const written: Run[] = []
  let position = 0
  const blockBytes = Math.min(PIECE_BYTES, Math.max(1, Math.ceil(sizeBytes / blockSize)) * blockSize)
  for await (const piece of blocksOf(content, { blockBytes, inFlight: 0 })) {
    if (position + piece.length > sizeBytes) throw wrongSize(path, position + piece.length, sizeBytes)
    const whole = wholeBlocks(piece, blockSize)
    const first = position / blockSize
    for (const span of spansWithContent(whole, blockSize)) {
      for (const part of partsOf(runs, first + span.start, span.count)) {
        const at = (part.logical - first) * blockSize
        await cache.write(part.physical, whole.subarray(at, at + part.count * blockSize))
        append(written, part)
      }
    }
    position += piece.length
  }
  if (position !== sizeBytes) throw wrongSize(path, position, sizeBytes)
  return written
}

function wrongSize(path: string, came: number, sizeBytes: number): AppError {
  return new AppError(
    'BAD_INPUT',
    `${path}: ${came} bytes came instead of ${sizeBytes}`,
    'The file was changed while it was read: try again.',
  )
}

/** The bytes, filled up with zeros to the end of a block. */
function wholeBlocks(piece: Uint8Array, blockSize: number): Uint8Array {
  if (piece.length % blockSize === 0) return piece
  const whole = new Uint8Array(Math.ceil(piece.length / blockSize) * blockSize)
  whole.set(piece)
  return whole
}

/** The blocks that are not all zeros, neighbours together. */
function* spansWithContent(bytes: Uint8Array, blockSize: number): Generator<Bits, void, void> {
  const zeros = Buffer.alloc(blockSize)
  const count = bytes.length / blockSize
  const isEmpty = (index: number) => zeros.equals(bytes.subarray(index * blockSize, (index + 1) * blockSize))
  for (let start = 0; start < count; start++) {
    if (isEmpty(start)) continue
    let end = start + 1
    while (end < count && !isEmpty(end)) end++
    yield { start, count: end - start }
    start = end
  }
}

/** Where blocks of a file lie. */
function* partsOf(runs: readonly Run[], logical: number, count: number): Generator<Run, void, void> {
  for (const run of runs) {
    const from = Math.max(run.logical, logical)
    const to = Math.min(run.logical + run.count, logical + count)
    if (to > from) yield { logical: from, physical: run.physical + from - run.logical, count: to - from }
  }
}

function append(runs: Run[], run: Run): void {
  const last = runs.at(-1)
  if (last && last.logical + last.count === run.logical && last.physical + last.count === run.physical) last.count += run.count
  else runs.push({ ...run })
}

/** What of the blocks of a file is not among those that were written. */
export function unwritten(runs: readonly Run[], written: readonly Run[]): Bits[] {
  const left: Bits[] = []
  for (const run of runs) {
    let next = run.logical
    const add = (to: number) => {
      if (to > next) left.push({ start: run.physical + next - run.logical, count: to - next })
    }
    for (const part of partsOf(written, run.logical, run.count)) {
      add(part.logical)
      next = part.logical + part.count
    }
    add(run.logical + run.count)
  }
  return left
}
