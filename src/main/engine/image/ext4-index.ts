import { runsOf } from './ext4-blocks.ts'
import { hashOf } from './ext4-hash.ts'
import type { Inode } from './ext4-inode.ts'
import { DX_COUNT, DX_ENTRY, DX_ENTRY_BYTES, DX_NODE_AT, DX_ROOT, DX_ROOT_AT, get } from './ext4-layout.ts'
import { type Volume, readBlocks } from './ext4-volume.ts'
import { badImage } from './image-bytes.ts'

const MAX_LEVELS = 3
/** More than any folder has, whose blocks are kept as a list. */
const MAX_FOLDER_BLOCKS = 1 << 20

/** The blocks of a folder, in its order: one has no holes. */
export async function folderBlocks(volume: Volume, folder: Inode): Promise<number[]> {
  const blocks: number[] = []
  for await (const { physical, count } of runsOf(volume, folder)) {
    if (blocks.length + count > MAX_FOLDER_BLOCKS) throw badImage(`ext4: the folder with inode ${folder.number} has no end`)
    for (let index = 0; index < count; index++) blocks.push(physical + index)
  }
  return blocks
}

/**
 * The blocks of an indexed folder in which a name may stand: one, and those after it where more names share its hash than fit into a
 * block. null when the index is of a kind that is not understood.
 */
export async function leavesFor(volume: Volume, { folder, blocks, name }: Search): Promise<number[] | null> {
  const root = await indexBlock(volume, { folder, blocks }, 0)
  const hash = hashOf(name, { ...volume.hashing, version: get(root, DX_ROOT.hash_version) })
  const levels = get(root, DX_ROOT.indirect_levels)
  if (hash === null || levels >= MAX_LEVELS) return null
  let numbers = nextFor(root, DX_ROOT_AT + get(root, DX_ROOT.info_length) - 8, { hash, folder })
  for (let level = 0; level < levels; level++) {
    const next: number[] = []
    for (const number of numbers) next.push(...nextFor(await indexBlock(volume, { folder, blocks }, number), DX_NODE_AT, { hash, folder }))
    numbers = next
  }
  return numbers.map((number) => physicalOf({ folder, blocks }, number))
}

interface Search {
  folder: Inode
  blocks: readonly number[]
  name: Uint8Array
}

/** Where the entries of an index block point to that may lead to a hash: the last one that begins at or before it, and those that go on. */
function nextFor(block: DataView, at: number, { hash, folder }: { hash: number; folder: Inode }): number[] {
  const entries = new DataView(block.buffer, block.byteOffset + at, block.byteLength - at)
  const count = get(entries, DX_COUNT.count)
  if (count === 0 || count * DX_ENTRY_BYTES > entries.byteLength)
    throw badImage(`ext4: the index of the folder with inode ${folder.number} has ${count} entries in a block`)
  const entry = (index: number) => new DataView(entries.buffer, entries.byteOffset + index * DX_ENTRY_BYTES, DX_ENTRY_BYTES)
  const hashAt = (index: number) => (index === 0 ? 0 : get(entry(index), DX_ENTRY.hash))
  let [low, high] = [0, count - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (hashAt(middle) <= hash) low = middle
    else high = middle - 1
  }
  const found = [get(entry(low), DX_ENTRY.block)]
  for (let index = low + 1; index < count && hashAt(index) === hash + 1; index++) found.push(get(entry(index), DX_ENTRY.block))
  return found
}

function physicalOf({ folder, blocks }: Omit<Search, 'name'>, logical: number): number {
  const physical = blocks[logical]
  if (physical === undefined) throw badImage(`ext4: the index of the folder with inode ${folder.number} refers to its block ${logical}`)
  return physical
}

async function indexBlock(volume: Volume, folder: Omit<Search, 'name'>, logical: number): Promise<DataView> {
  return readBlocks(volume, physicalOf(folder, logical))
}
