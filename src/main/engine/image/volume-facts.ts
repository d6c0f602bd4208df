import type { z } from 'zod'
import type { volumeFacts } from '../../contract/images.ts'
import { type Feature, featuresOf } from './ext4-features.ts'
import { SUPER, SUPERBLOCK_AT, SUPERBLOCK_BYTES, get, getWide } from './ext4-layout.ts'
import { isExt4, openVolume } from './ext4-volume.ts'
import { ATTRIBUTE, LONG, REMOVED, SLOT_BYTES, readFolder } from './fat-folder.ts'
import { isFat, openFat } from './fat-volume.ts'
import { type ReadImage, bytesOf, isBadImage, linuxText } from './image-bytes.ts'

type VolumeFacts = z.infer<typeof volumeFacts>

/** null when it is none of ext2, 3, 4 and FAT. A damaged one is described as far as it goes, with its `problem`. */
export async function readVolumeFacts(read: ReadImage): Promise<VolumeFacts | null> {
  if (await isExt4(read)) return extFacts(read)
  return (await isFat(read)) ? fatFacts(read) : null
}

/** What ext2 and ext3 may have; anything else makes it ext4. */
const OLD_FEATURES: readonly Feature[] = ['filetype', 'meta_bg', 'sparse_super', 'large_file', 'needs_recovery']
/** These are compatible with every reader, and say nothing about the kind. */
const COMPATIBLE: readonly Feature[] = ['has_journal', 'ext_attr', 'resize_inode', 'dir_index', 'sparse_super2']

async function extFacts(read: ReadImage): Promise<VolumeFacts> {
  const view = await read(SUPERBLOCK_AT, SUPERBLOCK_BYTES)
  const features = featuresOf(view)
  const isOld = [...features].every((name) => OLD_FEATURES.includes(name) || COMPATIBLE.includes(name))
  const blockBytes = 1024 * 2 ** get(view, SUPER.s_log_block_size)
  const clusterBytes = features.has('bigalloc') ? 1024 * 2 ** get(view, SUPER.s_log_cluster_size) : blockBytes
  const count = (field: typeof SUPER.s_blocks_count) => (features.has('64bit') ? getWide(view, field) : get(view, field.lo))
  const problem = await problemOf(() => openVolume(read))
  return {
    kind: !isOld ? 'ext4' : features.has('has_journal') ? 'ext3' : 'ext2',
    label: textOf(bytesOf(view).subarray(SUPER.s_volume_name.at, SUPER.s_volume_name.at + 16)),
    uuid: uuidOf(bytesOf(view).subarray(SUPER.s_uuid.at, SUPER.s_uuid.at + 16)),
    sizeBytes: count(SUPER.s_blocks_count) * blockBytes,
    freeBytes: problem === null ? count(SUPER.s_free_blocks_count) * clusterBytes : null,
    problem,
  }
}

async function problemOf(open: () => Promise<unknown>): Promise<string | null> {
  try {
    await open()
    return null
  } catch (thrown) {
    if (isBadImage(thrown)) return thrown.message
    throw thrown
  }
}

function uuidOf(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte === 0)) return ''
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return linuxText(end < 0 ? bytes : bytes.subarray(0, end)).trimEnd()
}

/** Where the boot sector keeps the mark that a serial number and a label follow, by whether it is FAT32. */
const EXTENDED_AT = { small: 38, fat32: 66 } as const
const NO_LABEL = 'NO NAME'

async function fatFacts(read: ReadImage): Promise<VolumeFacts> {
  const boot = await read(0, 512)
  const at = boot.getUint16(22, true) === 0 ? EXTENDED_AT.fat32 : EXTENDED_AT.small
  const mark = boot.getUint8(at)
  const serial =
    mark === 0x28 || mark === 0x29
      ? boot
          .getUint32(at + 1, true)
          .toString(16)
          .padStart(8, '0')
          .toUpperCase()
      : ''
  const ownLabel = mark === 0x29 ? textOf(bytesOf(boot).subarray(at + 5, at + 16)) : ''
  const facts = {
    label: ownLabel === NO_LABEL ? '' : ownLabel,
    uuid: serial.replace(/^(.{4})/, '$1-'),
    sizeBytes: (boot.getUint16(19, true) || boot.getUint32(32, true)) * boot.getUint16(11, true),
  }
  try {
    const volume = await openFat(read)
    const { bytes } = await readFolder(volume, 0)
    const freeBytes = volume.table.countFree() * volume.clusterBytes
    return { ...facts, kind: `fat${volume.width}`, label: labelIn(bytes) ?? facts.label, freeBytes, problem: null }
  } catch (thrown) {
    if (!isBadImage(thrown)) throw thrown
    return { ...facts, kind: 'fat', freeBytes: null, problem: thrown.message }
  }
}

/** The root folder has the label that counts, in a slot of its own; null where there is none. */
function labelIn(root: Uint8Array): string | null {
  for (let at = 0; at + SLOT_BYTES <= root.length && root[at] !== 0; at += SLOT_BYTES) {
    const attributes = root[at + 11] ?? 0
    const isLabel = (attributes & LONG) !== LONG && (attributes & (ATTRIBUTE.volume | ATTRIBUTE.folder)) === ATTRIBUTE.volume
    if (isLabel && root[at] !== REMOVED) return textOf(root.subarray(at, at + 11))
  }
  return null
}
