import type { Inode } from './ext4-inode.ts'
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

const EXTENT_MAGIC = 0xf30a
const MAX_DEPTH = 5
const EXTENT_BYTES = 12
/** Longer extents are reserved space that was never written: they read as zeros. */
const MAX_WRITTEN = 32_768

/** Where the content of a file lies, in the order of the file, up to its size. ARTIFACT_INVALID for a damaged map. */
export async function* runsOf(volume: Volume, inode: Inode): AsyncGenerator<Run, void, void> {
  const blocks = Math.ceil(inode.sizeBytes / volume.blockSize)
  if (blocks > 2 ** 32) throw badImage(`ext4: inode ${inode.number} says that it has ${inode.sizeBytes} bytes`)
  let next = 0
  const runs = inode.hasExtents ? extentRuns(volume, inode.block, { inode: inode.number, depth: null }) : mappedRuns(volume, inode, blocks)
  for await (const run of runs) {
    if (run.logical < next) throw badImage(`ext4: the blocks of inode ${inode.number} are not in order`)
    if (run.logical >= blocks) return
    const count = Math.min(run.count, blocks - run.logical)
    if (run.physical === 0 || run.physical + count > volume.blockCount)
      throw badImage(`ext4: inode ${inode.number} refers to block ${run.physical}; the file system has ${volume.blockCount}`)
    spend(volume, count)
    next = run.logical + count
    yield { ...run, count }
  }
}

interface Node {
  inode: number
  /** What the node above says that the depth is; null at the root. */
  depth: number | null
}

async function* extentRuns(volume: Volume, view: DataView, { inode, depth: expected }: Node): AsyncGenerator<Run, void, void> {
  const damaged = (what: string) => badImage(`ext4: the extents of inode ${inode} are damaged: ${what}`)
  if (view.getUint16(0, true) !== EXTENT_MAGIC) throw damaged('no magic number')
  const entries = view.getUint16(2, true)
  const depth = view.getUint16(6, true)
  if (depth > MAX_DEPTH || (expected !== null && depth !== expected)) throw damaged(`depth ${depth}`)
  if ((entries + 1) * EXTENT_BYTES > view.byteLength) throw damaged(`${entries} entries`)
  for (let index = 0; index < entries; index++) {
    const at = (index + 1) * EXTENT_BYTES
    if (depth > 0) {
      spend(volume, 1)
      const child = await readBlocks(volume, view.getUint16(at + 8, true) * 2 ** 32 + view.getUint32(at + 4, true))
      yield* extentRuns(volume, child, { inode, depth: depth - 1 })
      continue
    }
    const count = view.getUint16(at + 4, true)
    if (count === 0) throw damaged('an empty extent')
    if (count > MAX_WRITTEN) continue
    yield { logical: view.getUint32(at, true), physical: view.getUint16(at + 6, true) * 2 ** 32 + view.getUint32(at + 8, true), count }
  }
}

/** Block maps of ext2 and ext3: twelve blocks, then one, two and three levels of blocks full of numbers. */
async function* mappedRuns(volume: Volume, { block }: Inode, blocks: number): AsyncGenerator<Run, void, void> {
  const perBlock = volume.blockSize / 4
  const map = new BlockMap(volume, blocks)
  let logical = 0
  for (let index = 0; index < 15 && logical < blocks; index++) {
    const level = Math.max(0, index - 11)
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

  async *runs({ number, logical, level }: Place): AsyncGenerator<Run, void, void> {
    if (number === 0) return
    if (level === 0) {
      const done = this.#add(number, logical)
      if (done) yield done
      return
    }
    spend(this.#volume, 1)
    const view = await readBlocks(this.#volume, number)
    const perBlock = this.#volume.blockSize / 4
    const step = perBlock ** (level - 1)
    for (let index = 0; index < perBlock && logical + index * step < this.#blocks; index++)
      yield* this.runs({ number: view.getUint32(index * 4, true), logical: logical + index * step, level: level - 1 })
  }

  *end(): Generator<Run, void, void> {
    if (this.#run) yield this.#run
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
