import type { Feature } from './ext4-features.ts'
import { DIR_ENTRY, DIR_ENTRY_BYTES, put } from './ext4-layout.ts'
import type { FileKind } from './file-system.ts'
import { badImage, bytesOf, linuxText } from './image-bytes.ts'

/** An entry of a folder, in one of its blocks. */
export interface StoredEntry {
  /** Where it begins, and how far it is to the next one. */
  at: number
  length: number
  /** 0: not in use. */
  inode: number
  nameBytes: Uint8Array
  /** file_type; 0 without the feature filetype. */
  type: number
}

/** file_type */
export const ENTRY_TYPES: Record<FileKind, number> = {
  ...{ file: 1, folder: 2, 'character device': 3 },
  ...{ 'block device': 4, fifo: 5, socket: 6, link: 7 },
}

export const MAX_NAME_BYTES = 255

/** The entries of one area of a folder, as a linear list; index nodes look like one unused entry. `end`: where they stop. */
export function* storedEntries(view: DataView, folder: number, end = view.byteLength): Generator<StoredEntry, void, void> {
  for (let at = 0; at + DIR_ENTRY_BYTES <= end;) {
    const entry = entryAt(view, at, checkedLength(view, at, folder, end))
    yield entry
    at += entry.length
  }
}

function entryAt(view: DataView, at: number, length: number): StoredEntry {
  const from = at + DIR_ENTRY_BYTES
  return {
    ...{ at, length },
    inode: view.getUint32(at + DIR_ENTRY.inode.at, true),
    nameBytes: bytesOf(view).subarray(from, from + view.getUint8(at + DIR_ENTRY.name_len.at)),
    type: view.getUint8(at + DIR_ENTRY.file_type.at),
  }
}

/** How far it is from an entry to the next. ARTIFACT_INVALID where that is out of the area, or shorter than the entry. */
function checkedLength(view: DataView, at: number, folder: number, end: number): number {
  const stored = view.getUint16(at + DIR_ENTRY.rec_len.at, true)
  // Blocks of 64 KiB: their length does not fit into the field.
  const length = (stored === 0 || stored === 0xffff) && view.byteLength === 65_536 ? 65_536 - at : stored
  const needed = DIR_ENTRY_BYTES + (isUsed(view, at) ? view.getUint8(at + DIR_ENTRY.name_len.at) : 0)
  if (length < needed || length % 4 !== 0 || at + length > end)
    throw badImage(`ext4: the folder with inode ${folder} has a damaged entry at byte ${at} of a block`)
  return length
}

function isUsed(view: DataView, at: number): boolean {
  return view.getUint32(at + DIR_ENTRY.inode.at, true) !== 0
}

export function nameOf(bytes: Uint8Array, folder: number): string {
  if (bytes.length === 0 || bytes.includes(0x2f) || bytes.includes(0))
    throw badImage(`ext4: the folder with inode ${folder} has a name that no file can have`)
  return linuxText(bytes)
}

/** The bytes of a name as `linuxText` shows it. */
export function nameBytesOf(name: string): Uint8Array {
  const plain = Buffer.from(name)
  if (!name.includes('\\x')) return plain
  const parts = name.split(/\\x([89a-f][0-9a-f])/).map((part, index) => (index % 2 ? Buffer.from(part, 'hex') : Buffer.from(part)))
  const bytes = Buffer.concat(parts)
  return linuxText(bytes) === name ? bytes : plain
}

/** Bytes of an entry, up to the next multiple of four. */
export function entryBytes(nameBytes: Uint8Array): number {
  return roundUp(DIR_ENTRY_BYTES + nameBytes.length)
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 4) * 4
}

export function putEntry(view: DataView, { at, length, inode, nameBytes, type }: StoredEntry): void {
  const entry = new DataView(view.buffer, view.byteOffset + at, length)
  putEntryLength(entry, length)
  put(entry, DIR_ENTRY.inode, inode)
  put(entry, DIR_ENTRY.name_len, nameBytes.length)
  put(entry, DIR_ENTRY.file_type, type)
  bytesOf(entry).set(nameBytes, DIR_ENTRY_BYTES)
}

export function putEntryLength(entry: DataView, length: number): void {
  put(entry, DIR_ENTRY.rec_len, length === 65_536 ? 0xffff : length)
}

/** An entry behind which, or in whose place when it is not in use, there is room before `end`; null when there is none. */
export function roomIn(view: DataView, neededBytes: number, folder: number, end: number): StoredEntry | null {
  for (let at = 0; at + DIR_ENTRY_BYTES <= end;) {
    const length = checkedLength(view, at, folder, end)
    if (length - usedBytes(view, at) >= neededBytes) return entryAt(view, at, length)
    at += length
  }
  return null
}

/** Puts an entry where `roomIn` found room. */
export function insertEntry(view: DataView, { at, length }: StoredEntry, entry: NewEntry): void {
  const used = usedBytes(view, at)
  if (used > 0) putEntryLength(new DataView(view.buffer, view.byteOffset + at), used)
  putEntry(view, { ...entry, at: at + used, length: length - used })
}

export type NewEntry = Omit<StoredEntry, 'at' | 'length'>

function usedBytes(view: DataView, at: number): number {
  return isUsed(view, at) ? roundUp(DIR_ENTRY_BYTES + view.getUint8(at + DIR_ENTRY.name_len.at)) : 0
}

/** Takes the entry at `at` out: the one before grows over it, or it stays as an unused one. */
export function eraseEntry(view: DataView, at: number, folder: number, end: number): void {
  let before: StoredEntry | null = null
  for (const entry of storedEntries(view, folder, end)) {
    if (entry.at === at) {
      if (before) putEntryLength(new DataView(view.buffer, view.byteOffset + before.at), before.length + entry.length)
      else put(new DataView(view.buffer, view.byteOffset + at), DIR_ENTRY.inode, 0)
      return
    }
    before = entry
  }
}

/** file_type of an entry that leads to such a file. */
export function typeOf(kind: FileKind, features: ReadonlySet<Feature>): number {
  return features.has('filetype') ? ENTRY_TYPES[kind] : 0
}
