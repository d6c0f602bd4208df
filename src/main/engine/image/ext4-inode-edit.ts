import { type EditVolume, sealInode } from './ext4-edit-volume.ts'
import { type Inode, KIND_BITS } from './ext4-inode.ts'
import { type Field, GOOD_OLD_INODE_BYTES, INODE, get, put, putWide } from './ext4-layout.ts'
import type { FileKind, Ownership } from './file-system.ts'

/** The times of an inode: seconds, and in larger inodes a field with the upper bits of the seconds and the nanoseconds. */
const TIMES = {
  accessed: [INODE.i_atime, INODE.i_atime_extra],
  changed: [INODE.i_ctime, INODE.i_ctime_extra],
  modified: [INODE.i_mtime, INODE.i_mtime_extra],
  created: [null, INODE.i_crtime_extra],
} as const

/** The first second that does not fit any more: 31 bits before and after 1970, and three times 32 after that where there is room. */
const MOST_SECONDS = { short: 2 ** 31 - 1, long: 2 ** 31 - 1 + 3 * 2 ** 32 }
const LEAST_SECONDS = -(2 ** 31)

export interface NewInode extends Ownership {
  kind: FileKind
  modifiedAt: number
}

/** Fills an inode of zeros with what every new file has. Its content, its links and its seal are still to come. */
export function fillInode(volume: EditVolume, view: DataView, { kind, modifiedAt, ...facts }: NewInode): void {
  if (volume.extraBytes > 0) put(view, INODE.i_extra_isize, volume.extraBytes)
  put(view, INODE.i_mode, KIND_BITS[kind] << 12)
  putOwnership(view, { uid: 0, gid: 0, ...facts })
  putTime(view, 'accessed', modifiedAt)
  putTime(view, 'modified', modifiedAt)
  putTime(view, 'changed', volume.changedAt)
  putTime(view, 'created', volume.changedAt)
}

/** Those of the three that are given. */
export function putOwnership(view: DataView, { mode, uid, gid }: Ownership): void {
  if (mode !== undefined) put(view, INODE.i_mode, (get(view, INODE.i_mode) & 0xf000) | (mode & 0o7777))
  if (uid !== undefined) putWide(view, INODE.i_uid, uid)
  if (gid !== undefined) putWide(view, INODE.i_gid, gid)
}

/** Seconds that the inode has no room for become the nearest that it has. */
export function putTime(view: DataView, which: keyof typeof TIMES, at: number): void {
  const [, extra] = TIMES[which]
  const hasExtra = hasField(view, extra)
  const seconds = Math.min(hasExtra ? MOST_SECONDS.long : MOST_SECONDS.short, Math.max(LEAST_SECONDS, Math.floor(at / 1000)))
  const field = TIMES[which][0] ?? (hasExtra ? INODE.i_crtime : null)
  if (field) put(view, field, seconds >>> 0)
  if (!hasExtra) return
  const epoch = Math.round((seconds - (seconds | 0)) / 2 ** 32)
  const nanoseconds = Math.floor((((at % 1000) + 1000) % 1000) * 1e6)
  put(view, extra, ((nanoseconds << 2) | epoch) >>> 0)
}

function hasField(view: DataView, { at, bytes }: Field): boolean {
  return view.byteLength > GOOD_OLD_INODE_BYTES && at + bytes <= GOOD_OLD_INODE_BYTES + get(view, INODE.i_extra_isize)
}

/** The content of a folder or file was changed, or what is said of it. */
export function touch(volume: EditVolume, view: DataView, what: 'content' | 'facts'): void {
  if (what === 'content') putTime(view, 'modified', volume.changedAt)
  putTime(view, 'changed', volume.changedAt)
}

const MOST_LINKS = 65_000

/** Null where there is no room for one more. With dir_nlink a folder with more folders than can be counted has 1. */
export function withLinks(volume: EditVolume, { kind, linkCount }: Inode, more: number): number | null {
  const canBeUncounted = kind === 'folder' && volume.features.has('dir_nlink')
  if (canBeUncounted && linkCount === 1) return 1
  if (linkCount + more <= MOST_LINKS) return Math.max(0, linkCount + more)
  return canBeUncounted ? 1 : null
}

export function putLinks(volume: EditVolume, { view, number }: { view: DataView; number: number }, count: number): void {
  put(view, INODE.i_links_count, count)
  sealInode(volume, view, number)
}
