import { attributesIn } from './ext4-attributes.ts'
import { GOOD_OLD_INODE_BYTES, INODE, INODE_FLAGS, I_BLOCK_BYTES, get, getWide } from './ext4-layout.ts'
import { type Volume, readStoredInode } from './ext4-volume.ts'
import type { FileKind } from './file-system.ts'
import { badImage, bytesOf } from './image-bytes.ts'

/** What an inode says of its file. */
export interface Inode {
  number: number
  kind: FileKind
  /** Permission bits, set-id and sticky: 0o7777. */
  mode: number
  uid: number
  gid: number
  sizeBytes: number
  modifiedAt: number
  linkCount: number
  /** Of a device. */
  major: number
  minor: number
  /** i_flags */
  flags: number
  hasExtents: boolean
  /** i_block: block pointers, an extent tree, or the text of a short link. */
  block: DataView
  /** The whole content where the inode itself holds it. */
  inline: Uint8Array | null
}

export const ROOT_INODE = 2

/** The upper four bits of i_mode. */
export const KIND_BITS: Record<FileKind, number> = {
  ...{ fifo: 1, 'character device': 2, folder: 4, 'block device': 6 },
  ...{ file: 8, link: 10, socket: 12 },
}

const KINDS = new Map<number, FileKind>()
for (const kind of ['fifo', 'character device', 'folder', 'block device', 'file', 'link', 'socket'] as const)
  KINDS.set(KIND_BITS[kind], kind)

/** ARTIFACT_INVALID when there is no such inode or nothing that a file could be. */
export async function readInode(volume: Volume, number: number): Promise<Inode> {
  return parseInode(await readStoredInode(volume, number), number)
}

export function parseInode(view: DataView, number: number): Inode {
  const stored = get(view, INODE.i_mode)
  const kind = KINDS.get(stored >> 12)
  if (kind === undefined) throw badImage(`ext4: inode ${number} has no known kind of file (mode 0${stored.toString(8)})`)
  const flags = get(view, INODE.i_flags)
  const sizeBytes = kind === 'file' || kind === 'folder' ? getWide(view, INODE.i_size) : get(view, INODE.i_size.lo)
  if (sizeBytes > Number.MAX_SAFE_INTEGER) throw badImage(`ext4: inode ${number} says that it has ${sizeBytes} bytes`)
  const block = new DataView(view.buffer, view.byteOffset + INODE.i_block.at, I_BLOCK_BYTES)
  return {
    ...{ number, kind, sizeBytes, flags, block },
    mode: stored & 0o7777,
    uid: getWide(view, INODE.i_uid),
    gid: getWide(view, INODE.i_gid),
    modifiedAt: timeOf(view),
    linkCount: get(view, INODE.i_links_count),
    ...deviceOf(kind, block),
    hasExtents: (flags & INODE_FLAGS.EXTENTS) !== 0,
    inline: flags & INODE_FLAGS.INLINE_DATA ? inlineOf(view, number) : null,
  }
}

/** mtime: 32 bits of seconds with a sign, and in larger inodes two bits more and nanoseconds. */
function timeOf(view: DataView): number {
  const seconds = get(view, INODE.i_mtime) | 0
  if (view.byteLength === GOOD_OLD_INODE_BYTES || get(view, INODE.i_extra_isize) < 12) return seconds * 1000
  const extra = get(view, INODE.i_mtime_extra)
  return (seconds + (extra & 3) * 2 ** 32) * 1000 + Math.floor((extra >>> 2) / 1e6)
}

/** Old spelling in the first word of i_block, new one in the second. */
function deviceOf(kind: FileKind, block: DataView): { major: number; minor: number } {
  if (kind !== 'character device' && kind !== 'block device') return { major: 0, minor: 0 }
  const old = block.getUint32(0, true)
  if (old !== 0) return { major: (old >> 8) & 0xff, minor: old & 0xff }
  const now = block.getUint32(4, true)
  return { major: (now & 0xf_ff00) >> 8, minor: (now & 0xff) | ((now >>> 12) & 0xf_ff00) }
}

/** What is in i_block, and the attribute `system.data` with what did not fit there. */
function inlineOf(view: DataView, number: number): Uint8Array {
  const first = bytesOf(view).subarray(INODE.i_block.at, INODE.i_block.at + I_BLOCK_BYTES)
  const rest = attributesIn(view, number).find(({ isInlineData }) => isInlineData)?.value ?? new Uint8Array(0)
  const whole = new Uint8Array(first.length + rest.length)
  whole.set(first)
  whole.set(rest, first.length)
  return whole
}
