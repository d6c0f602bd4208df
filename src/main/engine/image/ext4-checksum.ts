import { crc16, crc32c } from './crc.ts'
import type { Features } from './ext4-features.ts'
import {
  DIR_TAIL,
  DIR_TAIL_BYTES,
  DX_COUNT,
  DX_ENTRY_BYTES,
  DX_TAIL,
  EXTENT_BYTES,
  EXTENT_HEADER,
  GOOD_OLD_INODE_BYTES,
  GROUP,
  type Halves,
  INODE,
  SUPER,
  XATTR_HEADER,
  get,
  getWide,
  put,
  putWide,
} from './ext4-layout.ts'
import { bytesOf } from './image-bytes.ts'

/** Where a structure keeps its checksum. */
interface Sum {
  stored: number
  right: number
  store: () => void
}

/**
 * Checksums of metadata: crc32c (metadata_csum), or crc16 of the group descriptors alone (uninit_bg), or none. Each method looks at one
 * kind of structure, for `isSound` and `seal`; null where it has no checksum.
 */
export class Checksums {
  readonly hasCrc32c: boolean
  readonly #hasCrc16: boolean
  readonly #seed: number
  readonly #uuid: Uint8Array

  constructor(superblock: DataView, features: Features) {
    this.hasCrc32c = features.has('metadata_csum')
    this.#hasCrc16 = !this.hasCrc32c && features.has('uninit_bg')
    this.#uuid = new Uint8Array(bytesOf(superblock).subarray(SUPER.s_uuid.at, SUPER.s_uuid.at + 16))
    this.#seed = features.has('metadata_csum_seed') ? get(superblock, SUPER.s_checksum_seed) : crc32c(this.#uuid)
  }

  /** Whether groups carry flags that say what of them was never written. */
  get hasGroupFlags(): boolean {
    return this.hasCrc32c || this.#hasCrc16
  }

  superblock(view: DataView): Sum | null {
    if (!this.hasCrc32c) return null
    return single(view, SUPER.s_checksum.at, crc32c(bytesOf(view).subarray(0, SUPER.s_checksum.at)))
  }

  group(view: DataView, group: number): Sum | null {
    const at = GROUP.bg_checksum.at
    const [head, rest] = [bytesOf(view).subarray(0, at), bytesOf(view).subarray(at + 2)]
    if (this.hasCrc32c) {
      const right = crc32c(rest, crc32c(new Uint8Array(2), crc32c(head, crc32c(le32(group), this.#seed)))) & 0xffff
      return { stored: get(view, GROUP.bg_checksum), right, store: () => put(view, GROUP.bg_checksum, right) }
    }
    if (!this.#hasCrc16) return null
    const right = crc16(rest, crc16(head, crc16(le32(group), crc16(this.#uuid))))
    return { stored: get(view, GROUP.bg_checksum), right, store: () => put(view, GROUP.bg_checksum, right) }
  }

  /** The bitmap's checksum stands in the descriptor: all of it in a long one, the lower half in a short one. */
  bitmap(descriptor: DataView, field: 'bg_block_bitmap_csum' | 'bg_inode_bitmap_csum', bytes: Uint8Array): Sum | null {
    if (!this.hasCrc32c) return null
    return halves(descriptor, GROUP[field], crc32c(bytes, this.#seed))
  }

  inode(view: DataView, number: number): Sum | null {
    if (!this.hasCrc32c) return null
    const bytes = new Uint8Array(bytesOf(view))
    const copy = new DataView(bytes.buffer)
    const isWide = view.byteLength > GOOD_OLD_INODE_BYTES && get(view, INODE.i_extra_isize) >= 4
    const part = isWide ? view : new DataView(view.buffer, view.byteOffset, GOOD_OLD_INODE_BYTES)
    put(copy, INODE.i_checksum.lo, 0)
    if (isWide) put(copy, INODE.i_checksum.hi, 0)
    return halves(part, INODE.i_checksum, crc32c(bytes, this.#inodeSeed(view, number)))
  }

  /** A block of an extent tree that belongs to an inode. */
  extents(block: DataView, inode: DataView, number: number): Sum | null {
    if (!this.hasCrc32c) return null
    const at = EXTENT_BYTES * (get(block, EXTENT_HEADER.eh_max) + 1)
    if (at + 4 > block.byteLength) return broken
    return single(block, at, crc32c(bytesOf(block).subarray(0, at), this.#inodeSeed(inode, number)))
  }

  /** A block of entries of a folder. */
  entries(block: DataView, inode: DataView, number: number): Sum | null {
    if (!this.hasCrc32c) return null
    const at = block.byteLength - DIR_TAIL_BYTES
    return single(block, at + DIR_TAIL.det_checksum.at, crc32c(bytesOf(block).subarray(0, at), this.#inodeSeed(inode, number)))
  }

  /** A block of a folder's index whose limit and count stand at `countAt`. */
  index(block: DataView, countAt: number, inode: { view: DataView; number: number }): Sum | null {
    if (!this.hasCrc32c) return null
    const part = new DataView(block.buffer, block.byteOffset + countAt, block.byteLength - countAt)
    const used = countAt + get(part, DX_COUNT.count) * DX_ENTRY_BYTES
    const tail = countAt + get(part, DX_COUNT.limit) * DX_ENTRY_BYTES
    if (used > block.byteLength || tail + 8 > block.byteLength) return broken
    const seen = crc32c(bytesOf(block).subarray(0, used), this.#inodeSeed(inode.view, inode.number))
    const at = tail + DX_TAIL.dt_checksum.at
    return single(block, at, crc32c(new Uint8Array(4), crc32c(bytesOf(block).subarray(tail, tail + 4), seen)))
  }

  /** A block of extended attributes, which knows its own number. */
  attributes(block: DataView, number: number): Sum | null {
    if (!this.hasCrc32c) return null
    const bytes = new Uint8Array(bytesOf(block))
    put(new DataView(bytes.buffer), XATTR_HEADER.h_checksum, 0)
    const place = new Uint8Array(8)
    new DataView(place.buffer).setBigUint64(0, BigInt(number), true)
    return single(block, XATTR_HEADER.h_checksum.at, crc32c(bytes, crc32c(place, this.#seed)))
  }

  #inodeSeed(inode: DataView, number: number): number {
    return crc32c(le32(get(inode, INODE.i_generation)), crc32c(le32(number), this.#seed))
  }
}

/** Makes a checksum right. */
export function seal(sum: Sum | null): void {
  sum?.store()
}

/** Whether a structure is as it was sealed; also where there are no checksums. */
export function isSound(sum: Sum | null): boolean {
  return sum === null || sum.stored === sum.right
}

const broken: Sum = { stored: 0, right: 1, store: () => {} }

function single(view: DataView, at: number, right: number): Sum {
  return { stored: view.getUint32(at, true), right, store: () => view.setUint32(at, right, true) }
}

function halves(view: DataView, field: Halves, sum: number): Sum {
  const right = field.hi.at < view.byteLength ? sum : sum & 0xffff
  return { stored: getWide(view, field), right, store: () => putWide(view, field, right) }
}

function le32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
