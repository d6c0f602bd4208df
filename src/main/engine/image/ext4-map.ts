import { DIRECT_POINTERS, MAX_WRITTEN, type Run } from './ext4-blocks.ts'
import { EXTENT, EXTENT_BYTES, EXTENT_HEADER, EXTENT_INDEX, EXTENT_MAGIC, I_BLOCK_BYTES, put, putWide } from './ext4-layout.ts'

/**
 * The map of a file, drawn up before it is known where its own blocks will lie: nodes below the root in an order in which each comes
 * after those it refers to.
 */
export interface MapPlan {
  /** Blocks that the map takes besides i_block. */
  blockCount: number
  /** i_block, and the blocks of the map, once each has its number. */
  place(numbers: readonly number[]): { root: Uint8Array; blocks: DataView[] }
}

interface ExtentEntry {
  logical: number
  /** Of an extent: its blocks. Of an index: the place of the node in the list of nodes. */
  target: number
  /** 0 for an index. */
  count: number
}

interface ExtentNode {
  depth: number
  entries: ExtentEntry[]
}

const ROOT_ENTRIES = 4

/** An extent tree, its nodes full from left to right. */
export function planExtents(runs: readonly Run[], blockSize: number): MapPlan {
  const most = Math.floor(blockSize / EXTENT_BYTES) - 1
  const nodes: ExtentNode[] = []
  let entries = runs.flatMap(extentsOf)
  let depth = 0
  for (; entries.length > ROOT_ENTRIES; depth++) {
    const above: ExtentEntry[] = []
    for (let at = 0; at < entries.length; at += most) {
      const part = entries.slice(at, at + most)
      above.push({ logical: part[0]?.logical ?? 0, target: nodes.length, count: 0 })
      nodes.push({ depth, entries: part })
    }
    entries = above
  }
  return {
    blockCount: nodes.length,
    place: (numbers) => ({
      root: new Uint8Array(extentNode({ depth, entries }, { bytes: I_BLOCK_BYTES, most: ROOT_ENTRIES, numbers }).buffer),
      blocks: nodes.map((node) => extentNode(node, { bytes: blockSize, most, numbers })),
    }),
  }
}

function extentsOf({ logical, physical, count }: Run): ExtentEntry[] {
  return Array.from({ length: Math.ceil(count / MAX_WRITTEN) }, (_, index) => {
    const done = index * MAX_WRITTEN
    return { logical: logical + done, target: physical + done, count: Math.min(MAX_WRITTEN, count - done) }
  })
}

interface NodeFrame {
  bytes: number
  most: number
  numbers: readonly number[]
}

function extentNode({ depth, entries }: ExtentNode, { bytes, most, numbers }: NodeFrame): DataView {
  const view = new DataView(new ArrayBuffer(bytes))
  put(view, EXTENT_HEADER.eh_magic, EXTENT_MAGIC)
  put(view, EXTENT_HEADER.eh_entries, entries.length)
  put(view, EXTENT_HEADER.eh_max, most)
  put(view, EXTENT_HEADER.eh_depth, depth)
  for (const [index, { logical, target, count }] of entries.entries()) {
    const entry = new DataView(view.buffer, (index + 1) * EXTENT_BYTES, EXTENT_BYTES)
    if (depth > 0) {
      put(entry, EXTENT_INDEX.ei_block, logical)
      putWide(entry, EXTENT_INDEX.ei_leaf, numbers[target] ?? 0)
    } else {
      put(entry, EXTENT.ee_block, logical)
      put(entry, EXTENT.ee_len, count)
      putWide(entry, EXTENT.ee_start, target)
    }
  }
  return view
}

/** A pointer: to content by its number, to a block of the map by its place in the list, or to nothing. */
type Pointer = { content: number } | { node: number } | null

/** The block map of ext2 and ext3. Holes have no pointers, and no blocks of pointers where they are large enough. */
export function planPointers(runs: readonly Run[], blockSize: number): MapPlan {
  const nodes: Pointer[][] = []
  const perBlock = blockSize / 4
  const content = (logical: number): Pointer => {
    const run = runAt(runs, logical)
    return run && run.logical <= logical ? { content: run.physical + logical - run.logical } : null
  }
  const pointer = (level: number, logical: number): Pointer => {
    if (level === 0) return content(logical)
    const run = runAt(runs, logical)
    if (!run || run.logical >= logical + perBlock ** level) return null
    const step = perBlock ** (level - 1)
    const below = Array.from({ length: perBlock }, (_, index) => pointer(level - 1, logical + index * step))
    nodes.push(below)
    return { node: nodes.length - 1 }
  }
  const root: Pointer[] = []
  let logical = 0
  for (let index = 0; index < DIRECT_POINTERS + 3; index++) {
    const level = Math.max(0, index - DIRECT_POINTERS + 1)
    root.push(pointer(level, logical))
    logical += perBlock ** level
  }
  return {
    blockCount: nodes.length,
    place: (numbers) => ({
      root: new Uint8Array(pointers(root, numbers).buffer),
      blocks: nodes.map((node) => pointers(node, numbers)),
    }),
  }
}

/** How many blocks a file can have that pointers lead to. */
export function mostPointed(blockSize: number): number {
  const perBlock = blockSize / 4
  return DIRECT_POINTERS + perBlock + perBlock ** 2 + perBlock ** 3
}

/** The first run that ends behind a block. */
function runAt(runs: readonly Run[], logical: number): Run | undefined {
  let [low, high] = [0, runs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const run = runs[middle]
    if (run && run.logical + run.count <= logical) low = middle + 1
    else high = middle
  }
  return runs[low]
}

function pointers(list: readonly Pointer[], numbers: readonly number[]): DataView {
  const view = new DataView(new ArrayBuffer(list.length * 4))
  for (const [index, pointer] of list.entries()) {
    if (pointer === null) continue
    view.setUint32(index * 4, 'content' in pointer ? pointer.content : (numbers[pointer.node] ?? 0), true)
  }
  return view
}
