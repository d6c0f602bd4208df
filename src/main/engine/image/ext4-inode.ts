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
  hasExtents: boolean
  /** i_block: block pointers, an extent tree, or the text of a short link. */
  block: DataView
  /** The whole content where the inode itself holds it. */
  inline: Uint8Array | null
}

const KINDS: Record<number, FileKind> = {
  1: 'fifo',
  2: 'character device',
  4: 'folder',
  6: 'block device',
  8: 'file',
  10: 'link',
  12: 'socket',
}

const FLAG_EXTENTS = 0x8_0000
const FLAG_INLINE_DATA = 0x1000_0000
const BLOCK_AT = 40
const BLOCK_BYTES = 60
const SMALL_INODE = 128
const XATTR_MAGIC = 0xea02_0000
/** The index of names that begin with `system.`; inline data goes on in `system.data`. */
const XATTR_SYSTEM = 7

/** ARTIFACT_INVALID when there is no such inode or nothing that a file could be. */
export async function readInode(volume: Volume, number: number): Promise<Inode> {
  const view = await readStoredInode(volume, number)
  const stored = view.getUint16(0, true)
  const kind = KINDS[stored >> 12]
  if (kind === undefined) throw badImage(`ext4: inode ${number} has no known kind of file (mode 0${stored.toString(8)})`)
  const flags = view.getUint32(32, true)
  const sizeBytes = view.getUint32(4, true) + (kind === 'file' || kind === 'folder' ? view.getUint32(108, true) * 2 ** 32 : 0)
  if (sizeBytes > Number.MAX_SAFE_INTEGER) throw badImage(`ext4: inode ${number} says that it has ${sizeBytes} bytes`)
  const block = new DataView(view.buffer, view.byteOffset + BLOCK_AT, BLOCK_BYTES)
  return {
    ...{ number, kind, sizeBytes, block },
    mode: stored & 0o7777,
    uid: view.getUint16(2, true) + view.getUint16(120, true) * 2 ** 16,
    gid: view.getUint16(24, true) + view.getUint16(122, true) * 2 ** 16,
    modifiedAt: timeOf(view),
    linkCount: view.getUint16(26, true),
    ...deviceOf(kind, block),
    hasExtents: (flags & FLAG_EXTENTS) !== 0,
    inline: flags & FLAG_INLINE_DATA ? inlineOf(view, number) : null,
  }
}

/** mtime: 32 bits of seconds with a sign, and in larger inodes two bits more and nanoseconds. */
function timeOf(view: DataView): number {
  const seconds = view.getInt32(16, true)
  if (view.byteLength < SMALL_INODE + 12 || view.getUint16(SMALL_INODE, true) < 12) return seconds * 1000
  const extra = view.getUint32(136, true)
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

function inlineOf(view: DataView, number: number): Uint8Array {
  const first = bytesOf(view).subarray(BLOCK_AT, BLOCK_AT + BLOCK_BYTES)
  const rest = inlineRest(view, number)
  const whole = new Uint8Array(first.length + rest.length)
  whole.set(first)
  whole.set(rest, first.length)
  return whole
}

/** The value of the attribute `system.data` inside the inode. */
function inlineRest(view: DataView, number: number): Uint8Array {
  const none = new Uint8Array(0)
  if (view.byteLength < SMALL_INODE + 4) return none
  const start = SMALL_INODE + view.getUint16(SMALL_INODE, true)
  if (start + 8 > view.byteLength || view.getUint32(start, true) !== XATTR_MAGIC) return none
  const entries = start + 4
  for (let at = entries; at + 16 <= view.byteLength && view.getUint32(at, true) !== 0;) {
    const nameLength = view.getUint8(at)
    const name = bytesOf(view).subarray(at + 16, at + 16 + nameLength)
    if (view.getUint8(at + 1) === XATTR_SYSTEM && String.fromCharCode(...name) === 'data') {
      const from = entries + view.getUint16(at + 2, true)
      const length = view.getUint32(at + 8, true)
      if (from + length > view.byteLength) throw badImage(`ext4: the inline data of inode ${number} reach out of it`)
      return bytesOf(view).subarray(from, from + length)
    }
    at += 16 + Math.ceil(nameLength / 4) * 4
  }
  return none
}
