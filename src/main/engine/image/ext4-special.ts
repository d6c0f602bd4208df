import { AppError } from '../../contract/errors.ts'
import { attributesAt } from './ext4-attributes.ts'
import { seal } from './ext4-checksum.ts'
import { makeInode } from './ext4-edit-file.ts'
import { type EditVolume, editInode, sealInode } from './ext4-edit-volume.ts'
import type { Inode } from './ext4-inode.ts'
import { withLinks } from './ext4-inode-edit.ts'
import {
  INODE,
  XATTR_ENTRY,
  XATTR_ENTRY_BYTES,
  XATTR_HEADER,
  XATTR_HEADER_BYTES,
  XATTR_MAGIC,
  getWide,
  put,
  putWide,
} from './ext4-layout.ts'
import { type Demand, allocate } from './ext4-write.ts'
import type { Attribute, NewDevice } from './file-system.ts'
import { bytesOf } from './image-bytes.ts'

/** A device, pipe or socket without a name yet. Its numbers stand where a file has its map, small ones in the old spelling. */
export async function makeDevice(volume: EditVolume, { major, minor, ...device }: NewDevice, demand: Demand): Promise<number> {
  if (major > 0xfff || minor > 0xf_ffff)
    throw new AppError('BAD_INPUT', `${demand.path}: there is no device ${major}:${minor}`, 'Correct it.')
  const number = await makeInode(volume, { mode: 0o644, ...device, linkCount: 1 }, demand)
  if (device.kind === 'fifo' || device.kind === 'socket') return number
  const view = await editInode(volume, number)
  if (major < 256 && minor < 256) view.setUint32(INODE.i_block.at, (major << 8) | minor, true)
  else view.setUint32(INODE.i_block.at + 4, ((minor & 0xff) | (major << 8) | ((minor & 0xf_ff00) << 12)) >>> 0, true)
  sealInode(volume, view, number)
  return number
}

/** The count of names of a file that gets one more. */
export function withName(volume: EditVolume, inode: Inode, path: string): number {
  if (inode.kind === 'folder') throw new AppError('BAD_INPUT', `${path}: a folder can have one name only`, 'Name a file.')
  const count = withLinks(volume, inode, 1)
  if (count === null) throw new AppError('BAD_INPUT', `${path}: the file has as many names as it can have`, 'Copy it.')
  return count
}

/** The namespaces by what their names begin with. */
const NAMESPACES: readonly (readonly [string, number])[] = [
  ['user.', 1],
  ['system.posix_acl_access', 2],
  ['system.posix_acl_default', 3],
  ['trusted.', 4],
  ['security.', 6],
]

interface Entry {
  index: number
  name: Uint8Array
  value: Uint8Array
}

function entryOf({ name, value }: Attribute, path: string): Entry {
  const [prefix, index] = NAMESPACES.find(([prefix]) => name.startsWith(prefix)) ?? ['', 0]
  const rest = Buffer.from(name.slice(prefix.length))
  if (index === 0 || rest.length > 255 || (rest.length === 0 && prefix.endsWith('.')))
    throw new AppError('BAD_INPUT', `${path}: ext4 has no attribute ${JSON.stringify(name)}`, 'Leave it out.')
  return { index, name: rest, value }
}

/** In the order in which the kernel looks for them. */
function inOrder(a: Entry, b: Entry): number {
  return a.index - b.index || a.name.length - b.name.length || Buffer.compare(a.name, b.name)
}

const padded = (length: number): number => Math.ceil(length / 4) * 4
/** Four zeros end the list of entries. */
const END_BYTES = 4

/** Gives an inode its attributes: behind its own fields where there is room, else in a block. */
export async function putAttributes(volume: EditVolume, number: number, attributes: readonly Attribute[], demand: Demand): Promise<void> {
  if (attributes.length === 0) return
  const { path } = demand
  const view = await editInode(volume, number)
  const start = attributesAt(view)
  if (getWide(view, INODE.i_file_acl) !== 0 || (start !== null && view.getUint32(start, true) === XATTR_MAGIC))
    throw new AppError('CONFLICT', `${path} has attributes already`, 'Write it anew.')
  const entries = attributes.map((each) => entryOf(each, path)).toSorted(inOrder)
  const neededBytes = entries.reduce(
    (sum, { name, value }) => sum + XATTR_ENTRY_BYTES + padded(name.length) + padded(value.length),
    END_BYTES,
  )
  if (start !== null && neededBytes <= view.byteLength - start - 4) {
    view.setUint32(start, XATTR_MAGIC, true)
    putEntries(new DataView(view.buffer, view.byteOffset + start + 4, view.byteLength - start - 4), 0, entries)
  } else if (neededBytes + XATTR_HEADER_BYTES <= volume.blockSize && volume.features.has('ext_attr')) {
    await putInBlock(volume, view, entries, demand)
  } else {
    throw new AppError('BAD_INPUT', `${path}: its attributes need ${neededBytes} bytes, more than a block`, 'Leave some out.')
  }
  sealInode(volume, view, number)
}

async function putInBlock(volume: EditVolume, inode: DataView, entries: readonly Entry[], demand: Demand): Promise<void> {
  const [run] = await allocate(volume, 1, demand)
  if (!run) return
  const block = volume.cache.fresh(run.physical)
  put(block, XATTR_HEADER.h_magic, XATTR_MAGIC)
  put(block, XATTR_HEADER.h_refcount, 1)
  put(block, XATTR_HEADER.h_blocks, 1)
  const hashes = putEntries(block, XATTR_HEADER_BYTES, entries)
  put(block, XATTR_HEADER.h_hash, hashes.includes(0) ? 0 : hashes.reduce((all, each) => rotated(all, 16, each), 0))
  seal(volume.sums.attributes(block, run.physical))
  putWide(inode, INODE.i_file_acl, run.physical)
  putWide(inode, INODE.i_blocks, getWide(inode, INODE.i_blocks) + volume.blockSize / 512)
}

/** Entries from `at` on, values from the end of the area backwards; answers the hash of each, which only blocks keep. */
function putEntries(area: DataView, start: number, entries: readonly Entry[]): number[] {
  const bytes = bytesOf(area)
  let at = start
  let valueAt = area.byteLength
  return entries.map(({ index, name, value }) => {
    const entry = new DataView(area.buffer, area.byteOffset + at)
    if (value.length > 0) valueAt -= padded(value.length)
    put(entry, XATTR_ENTRY.e_name_len, name.length)
    put(entry, XATTR_ENTRY.e_name_index, index)
    put(entry, XATTR_ENTRY.e_value_offs, value.length > 0 ? valueAt : 0)
    put(entry, XATTR_ENTRY.e_value_size, value.length)
    bytes.set(name, at + XATTR_ENTRY_BYTES)
    bytes.set(value, valueAt)
    at += XATTR_ENTRY_BYTES + padded(name.length)
    const hash = start === 0 ? 0 : hashOf(name, new DataView(area.buffer, area.byteOffset + valueAt, padded(value.length)))
    put(entry, XATTR_ENTRY.e_hash, hash)
    return hash
  })
}

/** ext4_xattr_hash_entry: the name by bytes, the value by words. */
function hashOf(name: Uint8Array, value: DataView): number {
  let hash = 0
  for (const byte of name) hash = rotated(hash, 5, byte)
  for (let at = 0; at < value.byteLength; at += 4) hash = rotated(hash, 16, value.getUint32(at, true))
  return hash
}

function rotated(hash: number, bits: number, more: number): number {
  return ((hash << bits) ^ (hash >>> (32 - bits)) ^ more) >>> 0
}
