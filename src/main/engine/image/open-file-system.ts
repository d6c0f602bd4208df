import { Ext4Files } from './ext4-files.ts'
import { Ext4 } from './ext4-read.ts'
import { isExt4 } from './ext4-volume.ts'
import { FatFiles } from './fat-files.ts'
import { isFat } from './fat-volume.ts'
import type { FileSystem } from './file-system.ts'
import { type ReadImage, isBadImage } from './image-bytes.ts'
import { readPartitionTable } from './partition-table.ts'
import type { PartitionTable } from './partition.ts'

/** The file system that an image is, to be read; null when it is none of ext2, 3, 4 and FAT. ARTIFACT_INVALID when it is damaged. */
export async function openFileSystem(read: ReadImage): Promise<FileSystem | null> {
  if (await isExt4(read)) return new Ext4Files(await Ext4.open(read))
  return (await isFat(read)) ? FatFiles.open(read) : null
}

/**
 * The partitions of an image, null where it is one file system or nothing. The first sector decides between them: a superblock of ext
 * may be what is left of a file system that was there before the partitions.
 */
export async function readTable(read: ReadImage, sizeBytes: number): Promise<PartitionTable | null> {
  if (await isFat(read)) return null
  try {
    return await readPartitionTable(read, sizeBytes)
  } catch (thrown) {
    // The first sector of an ext file system is free, and may hold what only looks like a table.
    if (isBadImage(thrown) && (await isExt4(read))) return null
    throw thrown
  }
}

/** The bytes [startBytes, startBytes + sizeBytes) as an image of their own. */
export function partOf(read: ReadImage, { startBytes, sizeBytes }: { startBytes: number; sizeBytes: number }): ReadImage {
  return (position, length) => read(startBytes + position, Math.max(0, Math.min(length, sizeBytes - position)))
}
