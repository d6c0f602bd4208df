import { AppError } from '../../contract/errors.ts'
import { type NewEntry, entryBytes, putEntry, putEntryLength } from './ext4-entries.ts'
import { type Hashing, hashOf } from './ext4-hash.ts'
import {
  DIR_TAIL,
  DIR_TAIL_BYTES,
  DIR_TAIL_TYPE,
  DX_COUNT,
  DX_ENTRY,
  DX_ENTRY_BYTES,
  DX_NODE_AT,
  DX_ROOT,
  DX_ROOT_AT,
  DX_TAIL_BYTES,
  put,
} from './ext4-layout.ts'

/** A block of a folder without its checksum. `countAt`: of a block of the index, where its limit and count stand. */
export interface FolderBlock {
  view: DataView
  countAt: number | null
}

export interface FolderFrame {
  blockSize: number
  hasChecksums: boolean
  /** null where folders have no index. */
  hashing: Hashing | null
  /** Levels of blocks between the root of an index and the entries. */
  mostLevels: number
}

/** A folder's own entries. */
export interface FolderSelf {
  dot: NewEntry
  dotDot: NewEntry
}

const DOT_BYTES = 12
/** How full the blocks of a new index are made. Made anew only when one of them is full, an index costs each entry a constant share. */
const FULLNESS = 0.5

/** Where the entries of a block end: a checksum takes the rest. */
export function entriesEnd({ blockSize, hasChecksums }: FolderFrame): number {
  return hasChecksums ? blockSize - DIR_TAIL_BYTES : blockSize
}

/** All blocks of a folder: one where everything fits into it, else an index, or a plain list where folders have none. */
export function planFolder(frame: FolderFrame, self: FolderSelf, entries: readonly NewEntry[]): FolderBlock[] {
  const end = entriesEnd(frame)
  const bytes = entries.reduce((sum, { nameBytes }) => sum + entryBytes(nameBytes), 2 * DOT_BYTES)
  if (bytes > end && frame.hashing) return planIndex(frame, self, { hashing: frame.hashing, entries })
  const blocks: NewEntry[][] = []
  let left = 0
  for (const entry of [self.dot, self.dotDot, ...entries]) {
    const needed = entryBytes(entry.nameBytes)
    if (needed > left) {
      blocks.push([])
      left = end
    }
    blocks.at(-1)?.push(entry)
    left -= needed
  }
  // A plain list that grows gets a share of empty blocks, as an index gets room in each: it is not made anew for every block.
  const spare = Math.floor(blocks.length / 4)
  return [...blocks.map((list) => listBlock(frame, list)), ...Array.from({ length: spare }, () => listBlock(frame, []))]
}

/** A block of entries; the last one reaches to the end. */
function listBlock(frame: FolderFrame, entries: readonly NewEntry[]): FolderBlock {
  const view = emptyBlock(frame)
  const end = entriesEnd(frame)
  let at = 0
  for (const [index, entry] of entries.entries()) {
    const length = index === entries.length - 1 ? end - at : entryBytes(entry.nameBytes)
    putEntry(view, { ...entry, at, length })
    at += length
  }
  return { view, countAt: null }
}

/** A block in which no entry is in use. */
function emptyBlock(frame: FolderFrame): DataView {
  const view = new DataView(new ArrayBuffer(frame.blockSize))
  const end = entriesEnd(frame)
  putEntryLength(view, end)
  if (!frame.hasChecksums) return view
  const tail = new DataView(view.buffer, end)
  put(tail, DIR_TAIL.det_rec_len, DIR_TAIL_BYTES)
  put(tail, DIR_TAIL.det_reserved_ft, DIR_TAIL_TYPE)
  return view
}

interface Indexed {
  hashing: Hashing
  entries: readonly NewEntry[]
}

interface Pointer {
  hash: number
  /** Number of the block in the folder. */
  block: number
}

/** The root first, then the blocks of entries in the order of their hashes, then the nodes between them. */
function planIndex(frame: FolderFrame, self: FolderSelf, { hashing, entries }: Indexed): FolderBlock[] {
  const { blockSize, hasChecksums, mostLevels } = frame
  const leaves = leavesOf(frame, hashing, entries)
  const blocks = leaves.map((leaf) => listBlock(frame, leaf.entries))
  let pointers: Pointer[] = leaves.map(({ hash }, index) => ({ hash, block: index + 1 }))
  const limit = (at: number) => Math.floor((blockSize - at - (hasChecksums ? DX_TAIL_BYTES : 0)) / DX_ENTRY_BYTES)
  let levels = 0
  for (; pointers.length > limit(DX_ROOT_AT); levels++) {
    const above: Pointer[] = []
    for (let at = 0; at < pointers.length; at += limit(DX_NODE_AT)) {
      const part = pointers.slice(at, at + limit(DX_NODE_AT))
      blocks.push(indexBlock(blockSize, { at: DX_NODE_AT, limit: limit(DX_NODE_AT), pointers: part }))
      above.push({ hash: part[0]?.hash ?? 0, block: blocks.length })
    }
    pointers = above
  }
  if (levels > mostLevels)
    throw new AppError('BAD_INPUT', `A folder of ${entries.length} entries is larger than this file system can have`, 'Divide it.')
  const root = indexBlock(blockSize, { at: DX_ROOT_AT, limit: limit(DX_ROOT_AT), pointers })
  putEntry(root.view, { ...self.dot, at: 0, length: DOT_BYTES })
  putEntry(root.view, { ...self.dotDot, at: DOT_BYTES, length: blockSize - DOT_BYTES })
  put(root.view, DX_ROOT.hash_version, hashing.version)
  put(root.view, DX_ROOT.info_length, 8)
  put(root.view, DX_ROOT.indirect_levels, levels)
  return [root, ...blocks]
}

interface Leaf {
  /** Of its first name, and one more when the block before has names of that hash as well. */
  hash: number
  entries: NewEntry[]
}

function leavesOf(frame: FolderFrame, hashing: Hashing, entries: readonly NewEntry[]): Leaf[] {
  const sorted = entries.map((entry) => ({ entry, hash: hashOf(entry.nameBytes, hashing) ?? 0 })).toSorted((a, b) => a.hash - b.hash)
  const leaves: Leaf[] = [{ hash: 0, entries: [] }]
  let [used, before] = [0, -1]
  for (const { entry, hash } of sorted) {
    const needed = entryBytes(entry.nameBytes)
    if (used > 0 && used + needed > entriesEnd(frame) * FULLNESS) {
      leaves.push({ hash: hash === before ? hash + 1 : hash, entries: [] })
      used = 0
    }
    leaves.at(-1)?.entries.push(entry)
    used += needed
    before = hash
  }
  return leaves
}

/** Looks like a block with one unused entry. */
function indexBlock(blockSize: number, { at, limit, pointers }: { at: number; limit: number; pointers: readonly Pointer[] }): FolderBlock {
  const view = new DataView(new ArrayBuffer(blockSize))
  putEntryLength(view, blockSize)
  for (const [index, { hash, block }] of pointers.entries()) {
    const entry = new DataView(view.buffer, at + index * DX_ENTRY_BYTES, DX_ENTRY_BYTES)
    put(entry, DX_ENTRY.hash, hash)
    put(entry, DX_ENTRY.block, block)
  }
  const counts = new DataView(view.buffer, at)
  put(counts, DX_COUNT.limit, limit)
  put(counts, DX_COUNT.count, pointers.length)
  return { view, countAt: at }
}
