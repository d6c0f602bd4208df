import { type StoredEntry, nameOf, storedEntries } from './ext4-entries.ts'
import { folderBlocks, leavesFor } from './ext4-index.ts'
import type { Inode } from './ext4-inode.ts'
import { INODE_FLAGS, I_BLOCK_BYTES } from './ext4-layout.ts'
import { type Volume, readBlocks } from './ext4-volume.ts'
import { badImage } from './image-bytes.ts'

export interface FolderEntry {
  name: string
  nameBytes: Uint8Array
  /** Number of the file's inode. */
  inode: number
  /** file_type */
  type: number
}

/** Inline folders begin with the number of the folder above. */
export const INLINE_FOLDER_AT = 4

/** What a folder holds; `.` and `..` among it, unless it is an inline one. */
export async function* folderEntries(volume: Volume, folder: Inode): AsyncGenerator<FolderEntry, void, void> {
  const { number } = folder
  for await (const { view } of areasOf(volume, folder))
    for (const { inode, nameBytes, type } of storedEntries(view, number))
      if (inode !== 0) yield { name: nameOf(nameBytes, number), nameBytes, inode, type }
}

/** An entry, and the block that it stands in; 0 for an inline folder. */
export interface FoundEntry extends StoredEntry {
  block: number
}

/** The entry of a name, by the index where the folder has one; null when there is none. */
export async function findEntry(volume: Volume, folder: Inode, name: Uint8Array): Promise<FoundEntry | null> {
  const leaves = await likelyBlocks(volume, folder, name)
  const areas = leaves ? blocksAsAreas(volume, leaves) : areasOf(volume, folder)
  for await (const { view, block } of areas) {
    // Most blocks of a long list do not have these bytes at all.
    if (Buffer.from(view.buffer, view.byteOffset, view.byteLength).indexOf(name) === -1) continue
    for (const entry of storedEntries(view, folder.number))
      if (entry.inode !== 0 && entry.nameBytes.length === name.length && Buffer.compare(entry.nameBytes, name) === 0)
        return { ...entry, block }
  }
  return null
}

/** null where the folder has to be looked through: it has no index, or one that is not understood. */
export async function likelyBlocks(volume: Volume, folder: Inode, name: Uint8Array): Promise<number[] | null> {
  const hasIndex = (folder.flags & INODE_FLAGS.INDEX) !== 0 && (folder.flags & INODE_FLAGS.CASEFOLD) === 0
  if (folder.kind !== 'folder' || !hasIndex || folder.inline) return null
  return leavesFor(volume, { folder, blocks: await folderBlocks(volume, folder), name })
}

interface Area {
  view: DataView
  block: number
}

async function* areasOf(volume: Volume, folder: Inode): AsyncGenerator<Area, void, void> {
  const { kind, number, inline } = folder
  if (kind !== 'folder') throw badImage(`ext4: inode ${number} is a ${kind} where a folder is expected`)
  if (!inline) return yield* blocksAsAreas(volume, await folderBlocks(volume, folder))
  // The part in i_block and the part in the attribute are two areas: no entry reaches from one into the other.
  for (const part of [inline.subarray(INLINE_FOLDER_AT, I_BLOCK_BYTES), inline.subarray(I_BLOCK_BYTES)])
    yield { view: new DataView(part.buffer, part.byteOffset, part.byteLength), block: 0 }
}

async function* blocksAsAreas(volume: Volume, blocks: readonly number[]): AsyncGenerator<Area, void, void> {
  for (const block of blocks) yield { view: await readBlocks(volume, block), block }
}
