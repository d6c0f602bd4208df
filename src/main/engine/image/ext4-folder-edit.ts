import { dropInlineData } from './ext4-attributes.ts'
import { isSound, seal } from './ext4-checksum.ts'
import { type EditVolume, editInode, sealInode } from './ext4-edit-volume.ts'
import { type NewEntry, entryBytes, eraseEntry, insertEntry, nameBytesOf, roomIn, storedEntries, typeOf } from './ext4-entries.ts'
import { findEntry, folderEntries, likelyBlocks } from './ext4-folder.ts'
import { type FolderBlock, type FolderFrame, entriesEnd, planFolder } from './ext4-folder-plan.ts'
import { hashOf } from './ext4-hash.ts'
import { folderBlocks } from './ext4-index.ts'
import { type Inode, parseInode, readInode } from './ext4-inode.ts'
import { touch } from './ext4-inode-edit.ts'
import { DIR_ENTRY, DX_ROOT, DX_ROOT_AT, INODE, INODE_FLAGS, get, put, putWide } from './ext4-layout.ts'
import { readBlocks, readStoredInode } from './ext4-volume.ts'
import { type Demand, allocate, inOrder, putMap, takenBy } from './ext4-write.ts'
import { badImage, bytesOf } from './image-bytes.ts'
import type { FileKind } from './file-system.ts'

export interface Child {
  name: string
  inode: number
  kind: FileKind
}

const HALF_MD4 = 1

/** Puts a name into a folder that has none like it. DISK_FULL where the folder has to grow and cannot. */
export async function addEntry(volume: EditVolume, number: number, child: Child, demand: Demand): Promise<void> {
  const folder = await editableFolder(volume, number)
  const entry: NewEntry = { inode: child.inode, nameBytes: nameBytesOf(child.name), type: typeOf(child.kind, volume.features) }
  const hasIndex = (folder.flags & INODE_FLAGS.INDEX) !== 0
  const leaves = await likelyBlocks(volume, folder, entry.nameBytes)
  const blocks = folder.inline || (hasIndex && !leaves) ? [] : (leaves ?? (await folderBlocks(volume, folder)))
  for (const block of blocks) {
    const room = roomIn(await readBlocks(volume, block), entryBytes(entry.nameBytes), number, entriesEnd(frameOf(volume)))
    if (!room) continue
    insertEntry(await editEntries(volume, number, block), room, entry)
    return sealEntries(volume, number, block)
  }
  await rebuild(volume, folder, { entries: [...(await ownEntries(volume, folder)), entry], demand })
}

/** Takes a name out of a folder. */
export async function removeEntry(volume: EditVolume, number: number, name: string, demand: Demand): Promise<void> {
  const folder = await editableFolder(volume, number)
  const nameBytes = nameBytesOf(name)
  if (folder.inline) {
    const entries = (await ownEntries(volume, folder)).filter((entry) => Buffer.compare(entry.nameBytes, nameBytes) !== 0)
    return rebuild(volume, folder, { entries, demand })
  }
  const found = await findEntry(volume, folder, nameBytes)
  if (!found) throw badImage(`ext4: the folder with inode ${number} has lost ${JSON.stringify(name)}`)
  eraseEntry(await editEntries(volume, number, found.block), found.at, number, entriesEnd(frameOf(volume)))
  await sealEntries(volume, number, found.block)
}

/** Gives a folder that was just made its first block. */
export async function beginFolder(volume: EditVolume, number: number, parent: number, demand: Demand): Promise<void> {
  const blocks = planFolder(frameOf(volume), selfOf(volume, number, parent), [])
  await putBlocks(volume, { number, blocks, demand }, [])
}

/** Says which folder is above one that was moved. */
export async function putParent(volume: EditVolume, number: number, parent: number): Promise<void> {
  const folder = await editableFolder(volume, number)
  if (folder.inline) {
    const view = await editInode(volume, number)
    view.setUint32(INODE.i_block.at, parent, true)
    return sealInode(volume, view, number)
  }
  const [block = 0] = await folderBlocks(volume, folder)
  const hasIndex = (folder.flags & INODE_FLAGS.INDEX) !== 0
  const stored = await readStoredInode(volume, number)
  const view = await volume.cache.edit(block)
  const sum = () => {
    if (!hasIndex) return volume.sums.entries(view, stored, number)
    return volume.sums.index(view, DX_ROOT_AT + get(view, DX_ROOT.info_length) - 8, { view: stored, number })
  }
  if (!isSound(sum())) throw badImage(`ext4: the checksum of block ${block} of the folder with inode ${number} is wrong`)
  const [, second] = [...storedEntries(view, number)]
  if (!second || String.fromCharCode(...second.nameBytes) !== '..') throw badImage(`ext4: the folder with inode ${number} has no ..`)
  put(new DataView(view.buffer, view.byteOffset + second.at), DIR_ENTRY.inode, parent)
  seal(sum())
}

/** The number of the folder above. */
export async function parentOf(volume: EditVolume, folder: Inode): Promise<number> {
  if (folder.inline) return folder.block.getUint32(0, true)
  for await (const { name, inode } of folderEntries(volume, folder)) if (name === '..') return inode
  throw badImage(`ext4: the folder with inode ${folder.number} has no ..`)
}

async function editableFolder(volume: EditVolume, number: number): Promise<Inode> {
  const folder = await readInode(volume, number)
  if (folder.kind !== 'folder') throw badImage(`ext4: inode ${number} is a ${folder.kind} where a folder is expected`)
  if (folder.flags & INODE_FLAGS.CASEFOLD)
    throw badImage('ext4: the folder does not tell upper case from lower, and cannot be changed here', 'Use a folder without chattr +F.')
  return folder
}

function frameOf({ blockSize, sums, features, hashing }: EditVolume): FolderFrame {
  const usable = hashOf(Uint8Array.of(0), hashing) === null ? { ...hashing, version: HALF_MD4 } : hashing
  return {
    blockSize,
    hasChecksums: sums.hasCrc32c,
    hashing: features.has('dir_index') ? usable : null,
    mostLevels: features.has('largedir') ? 2 : 1,
  }
}

function selfOf(volume: EditVolume, number: number, parent: number): { dot: NewEntry; dotDot: NewEntry } {
  const type = typeOf('folder', volume.features)
  return { dot: { nameBytes: Buffer.from('.'), inode: number, type }, dotDot: { nameBytes: Buffer.from('..'), inode: parent, type } }
}

/** What a folder holds, as a copy. */
async function ownEntries(volume: EditVolume, folder: Inode): Promise<NewEntry[]> {
  const entries: NewEntry[] = []
  for await (const { name, nameBytes, inode, type } of folderEntries(volume, folder))
    if (name !== '.' && name !== '..') entries.push({ nameBytes: new Uint8Array(nameBytes), inode, type })
  return entries
}

/** A block of entries to be changed. */
async function editEntries(volume: EditVolume, number: number, block: number): Promise<DataView> {
  const view = await volume.cache.edit(block)
  if (!isSound(volume.sums.entries(view, await readStoredInode(volume, number), number)))
    throw badImage(`ext4: the checksum of block ${block} of the folder with inode ${number} is wrong`)
  return view
}

async function sealEntries(volume: EditVolume, number: number, block: number): Promise<void> {
  const inode = await editInode(volume, number)
  seal(volume.sums.entries(await volume.cache.edit(block), inode, number))
  touch(volume, inode, 'content')
  sealInode(volume, inode, number)
}

/** Makes a folder anew, in the blocks that it has and as many more as it needs. */
async function rebuild(volume: EditVolume, folder: Inode, { entries, demand }: { entries: NewEntry[]; demand: Demand }): Promise<void> {
  const { number } = folder
  const blocks = planFolder(frameOf(volume), selfOf(volume, number, await parentOf(volume, folder)), entries)
  const numbers = folder.inline ? [] : await folderBlocks(volume, folder)
  await putBlocks(volume, { number, blocks, demand }, numbers)
}

interface NewBlocks {
  number: number
  blocks: readonly FolderBlock[]
  demand: Demand
}

/** Writes all blocks of a folder, `had` among their places, and its map and size. */
async function putBlocks(volume: EditVolume, { number, blocks, demand }: NewBlocks, had: readonly number[]): Promise<void> {
  const { blockSize, cache, groups, sums } = volume
  const view = await editInode(volume, number)
  const folder = parseInode(view, number)
  if (had.length > 0) for (const run of (await takenBy(volume, folder)).map) groups.freeBlocks(run)
  if (folder.inline) dropInlineData(view, number)
  const kept = had.slice(0, blocks.length).map((start) => ({ start, count: 1 }))
  for (const start of had.slice(blocks.length)) groups.freeBlocks({ start, count: 1 })
  const more = await allocate(volume, blocks.length - kept.length, demand)
  const runs = joined(inOrder([...kept, ...more.map(({ physical, count }) => ({ start: physical, count }))]))
  await putMap(volume, { view, number }, runs, demand)
  const hasIndex = blocks.some(({ countAt }) => countAt !== null)
  const flags = get(view, INODE.i_flags) & ~INODE_FLAGS.INDEX
  put(view, INODE.i_flags, (flags | (hasIndex ? INODE_FLAGS.INDEX : 0)) >>> 0)
  putWide(view, INODE.i_size, blocks.length * blockSize)
  touch(volume, view, 'content')
  const places = runs.flatMap(({ physical, count }) => Array.from({ length: count }, (_, index) => physical + index))
  for (const [index, { view: content, countAt }] of blocks.entries()) {
    const block = cache.fresh(places[index] ?? 0)
    bytesOf(block).set(bytesOf(content))
    seal(countAt === null ? sums.entries(block, view, number) : sums.index(block, countAt, { view, number }))
  }
  sealInode(volume, view, number)
}

/** Runs of one block each, put together where they lie side by side. */
function joined<R extends { logical: number; physical: number; count: number }>(runs: readonly R[]): R[] {
  const all: R[] = []
  for (const run of runs) {
    const last = all.at(-1)
    if (last && last.physical + last.count === run.physical) last.count += run.count
    else all.push({ ...run })
  }
  return all
}
