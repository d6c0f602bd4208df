import type { Inode } from './ext4-inode.ts'
import { EXTENT, EXTENT_BYTES, EXTENT_HEADER, EXTENT_INDEX, EXTENT_MAGIC, get, getWide } from './ext4-layout.ts'
import { type Volume, readBlocks, spend } from './ext4-volume.ts'
import { badImage } from './image-bytes.ts'

/** Blocks of a file that lie side by side. What no run covers is a hole: zeros. */
export interface Run {
  /** Number of the first block in the file. */
  logical: number
  /** Number of the first block in the image. */
  physical: number
  count: number
}

/** A run as the map has it: space that is reserved and was never written reads as zeros; a block of the map itself is no content. */
interface MappedRun extends Run {
  use: 'content' | 'reserved' | 'map'
}

const MAX_DEPTH = 5
/** Longer extents are reserved space that was never written. */
export const MAX_WRITTEN = 32_768

/** Where the content of a file lies, in the order of the file, up to its size. ARTIFACT_INVALID for a damaged map. */
export async function* runsOf(volume: Volume, inode: Inode): AsyncGenerator<Run, void, void> {
  const blocks = blocksOf(volume, inode)
  let next = 0
  for await (const { use, ...run } of allRunsOf(volume, inode)) {
    if (use !== 'content') continue
    if (run.logical < next) throw badImage(`ext4: the blocks of inode ${inode.number} are not in order`)
    if (run.logical >= blocks) return
    const count = Math.min(run.count, blocks - run.logical)
    next = run.logical + count
    yield { ...run, count }
  }
}

/** Every block that a file has, those of the map and those behind its end among them. */
export async function* allRunsOf(volume: Volume, inode: Inode): AsyncGenerator<MappedRun, void, void> {
  const blocks = blocksOf(volume, inode)
  const runs = inode.hasExtents ? extentRuns(volume, inode.block, { inode: inode.number, depth: null }) : mappedRuns(volume, inode, blocks)
  for await (const run of runs) {
    if (run.physical === 0 || run.physical + run.count > volume.blockCount)
      throw badImage(`ext4: inode ${inode.number} refers to block ${run.physical}; the file system has ${volume.blockCount}`)
    spend(volume, run.count)
    yield run
  }
}

function blocksOf({ blockSize }: Volume, { number, sizeBytes }: Inode): number {
  const blocks = Math.ceil(sizeBytes / blockSize)
  if (blocks > 2 ** 32) throw badImage(`ext4: inode ${number} says that it has ${sizeBytes} bytes`)
  return blocks
}

interface Node {
  inode: number
  /** What the node above says that the depth is; null at the root. */
  depth: number | null
}

async function* extentRuns(volume: Volume, view: DataView, { inode, depth: expected }: Node): AsyncGenerator<MappedRun, void, void> {
  const damaged = (what: string) => badImage(`ext4: the extents of inode ${inode} are damaged: ${what}`)
  if (get(view, EXTENT_HEADER.eh_magic) !== EXTENT_MAGIC) throw damaged('no magic number')
  const entries = get(view, EXTENT_HEADER.eh_entries)
  const depth = get(view, EXTENT_HEADER.eh_depth)
  if (depth > MAX_DEPTH || (expected !== null && depth !== expected)) throw damaged(`depth ${depth}`)
  if ((entries + 1) * EXTENT_BYTES > view.byteLength) throw damaged(`${entries} entries`)
  for (let index = 1; index <= entries; index++) {
    const entry = new DataView(view.buffer, view.byteOffset + index * EXTENT_BYTES, EXTENT_BYTES)
    if (depth > 0) {
      const child = getWide(entry, EXTENT_INDEX.ei_leaf)
      yield { use: 'map', logical: get(entry, EXTENT_INDEX.ei_block), physical: child, count: 1 }
      yield* extentRuns(volume, await readBlocks(volume, child), { inode, depth: depth - 1 })
      continue
    }
    const length = get(entry, EXTENT.ee_len)
    if (length === 0) throw damaged('an empty extent')
    const run = { logical: get(entry, EXTENT.ee_block), physical: getWide(entry, EXTENT.ee_start) }
    if (length > MAX_WRITTEN) yield { use: 'reserved', ...run, count: length - MAX_WRITTEN }
    else yield { use: 'content', ...run, count: length }
  }
}

/** Pointers in the inode itself; the three behind them lead to one, two and three levels of blocks full of numbers. */
export const DIRECT_POINTERS = 12

/** Block maps of ext2 and ext3. */
async function* mappedRuns(volume: Volume, { block }: Inode, blocks: number): AsyncGenerator<MappedRun, void, void> {
  const perBlock = volume.blockSize / 4
  const map = new BlockMap(volume, blocks)
  let logical = 0
  for (let index = 0; index < DIRECT_POINTERS + 3 && logical < blocks; index++) {
    const level = Math.max(0, index - DIRECT_POINTERS + 1)
    yield* map.runs({ number: block.getUint32(index * 4, true), logical, level })
    logical += perBlock ** level
  }
  yield* map.end()
}

interface Place {
  number: number
  logical: number
  level: number
}

class BlockMap {
  readonly #volume: Volume
  readonly #blocks: number
  #run: Run | null = null

  constructor(volume: Volume, blocks: number) {
    this.#volume = volume
    this.#blocks = blocks
  }

  async *runs({ number, logical, level }: Place): AsyncGenerator<MappedRun, void, void> {
    if (number === 0) return
    if (level === 0) {
      const done = this.#add(number, logical)
      if (done) yield { use: 'content', ...done }
      return
    }
    yield { use: 'map', logical, physical: number, count: 1 }
    const view = await readBlocks(this.#volume, number)
    const perBlock = this.#volume.blockSize / 4
    const step = perBlock ** (level - 1)
    for (let index = 0; index < perBlock && logical + index * step < this.#blocks; index++)
      yield* this.runs({ number: view.getUint32(index * 4, true), logical: logical + index * step, level: level - 1 })
  }

  *end(): Generator<MappedRun, void, void> {
    if (this.#run) yield { use: 'content', ...this.#run }
    this.#run = null
  }

  /** The run before, when this block does not go on with it. */
  #add(physical: number, logical: number): Run | null {
    const run = this.#run
    if (run && run.logical + run.count === logical && run.physical + run.count === physical) {
      run.count += 1
      return null
    }
    this.#run = { logical, physical, count: 1 }
    return run
  }
}
