import {
  GOOD_OLD_INODE_BYTES,
  INODE,
  XATTR_ENTRY,
  XATTR_ENTRY_BYTES,
  XATTR_HEADER,
  XATTR_HEADER_BYTES,
  XATTR_MAGIC,
  get,
  put,
} from './ext4-layout.ts'
import { badImage, bytesOf } from './image-bytes.ts'

/** An extended attribute as it is stored. */
interface Attribute {
  /** The entry with its name. */
  entry: Uint8Array
  value: Uint8Array
  /** Of the inode that keeps the value; 0 where it stands here. */
  valueInode: number
  /** `system.data`: what of a small file or folder did not fit into i_block. */
  isInlineData: boolean
}

/** The index of names that begin with `system.` */
const SYSTEM = 7

/** The attributes inside an inode: behind its fields stand the magic number and the entries, and the values from its end on. */
export function attributesIn(inode: DataView, number: number): Attribute[] {
  const start = attributesAt(inode)
  if (start === null || inode.getUint32(start, true) !== XATTR_MAGIC) return []
  const area = new DataView(inode.buffer, inode.byteOffset + start + 4, inode.byteLength - start - 4)
  return listed(area, 0, `inode ${number}`)
}

/** The attributes in a block of their own; places of values count from its beginning. ARTIFACT_INVALID when it is no such block. */
export function attributesInBlock(block: DataView, number: number): Attribute[] {
  if (get(block, XATTR_HEADER.h_magic) !== XATTR_MAGIC) throw badImage(`ext4: block ${number} holds no extended attributes`)
  return listed(block, XATTR_HEADER_BYTES, `block ${number}`)
}

function listed(area: DataView, start: number, where: string): Attribute[] {
  const found: Attribute[] = []
  const bytes = bytesOf(area)
  for (let at = start; at + XATTR_ENTRY_BYTES <= area.byteLength && area.getUint32(at, true) !== 0;) {
    const entry = new DataView(area.buffer, area.byteOffset + at, area.byteLength - at)
    const nameLength = get(entry, XATTR_ENTRY.e_name_len)
    const end = at + XATTR_ENTRY_BYTES + Math.ceil(nameLength / 4) * 4
    const valueInode = get(entry, XATTR_ENTRY.e_value_inum)
    const from = get(entry, XATTR_ENTRY.e_value_offs)
    const length = valueInode === 0 ? get(entry, XATTR_ENTRY.e_value_size) : 0
    if (end > area.byteLength || from + length > area.byteLength) throw badImage(`ext4: an extended attribute reaches out of ${where}`)
    const name = bytes.subarray(at + XATTR_ENTRY_BYTES, at + XATTR_ENTRY_BYTES + nameLength)
    found.push({
      entry: bytes.subarray(at, end),
      value: bytes.subarray(from, from + length),
      valueInode,
      isInlineData: get(entry, XATTR_ENTRY.e_name_index) === SYSTEM && String.fromCharCode(...name) === 'data',
    })
    at = end
  }
  return found
}

/** Takes `system.data` out of an inode, whose content is about to stand in blocks. */
export function dropInlineData(inode: DataView, number: number): void {
  const start = attributesAt(inode)
  const kept = attributesIn(inode, number)
    .filter(({ isInlineData }) => !isInlineData)
    .map(({ entry, value }) => ({ entry: new Uint8Array(entry), value: new Uint8Array(value) }))
  if (start === null) return
  const bytes = bytesOf(inode).subarray(start)
  bytes.fill(0)
  if (kept.length === 0) return
  inode.setUint32(start, XATTR_MAGIC, true)
  const area = bytes.subarray(4)
  let at = 0
  let valueAt = area.length
  for (const { entry, value } of kept) {
    area.set(entry, at)
    if (value.length > 0) {
      valueAt -= Math.ceil(value.length / 4) * 4
      area.set(value, valueAt)
      put(new DataView(area.buffer, area.byteOffset + at), XATTR_ENTRY.e_value_offs, valueAt)
    }
    at += entry.length
  }
}

/** Where the magic number would stand; null in an inode without room for it. */
export function attributesAt(inode: DataView): number | null {
  if (inode.byteLength === GOOD_OLD_INODE_BYTES) return null
  const at = GOOD_OLD_INODE_BYTES + get(inode, INODE.i_extra_isize)
  return at % 4 === 0 && at + 8 <= inode.byteLength ? at : null
}
