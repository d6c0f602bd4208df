import { AppError } from '../../contract/errors.ts'
import type { HostFile } from '../host.ts'
import { placeOnCard } from '../image/card-layout.ts'
import { editFileSystem } from '../image/edit-file-system.ts'
import type { EditImage, EditableFileSystem } from '../image/file-system.ts'
import { isBadImage } from '../image/image-bytes.ts'
import { readTable } from '../image/open-file-system.ts'
import type { Partition } from '../image/partition.ts'
import { noFileSystem, noPartitions } from './open-contents.ts'
import { readerOf } from '../lib/image-file.ts'

/** What of a file it takes to change an image in it. */
export type EditableFile = Pick<HostFile, 'read' | 'write' | 'sizeBytes'>

/** A file system and the path in it at which something of the device lies. */
export interface EditPlace {
  fileSystem: EditableFileSystem
  path: string
}

/** What is inside an image that is changed. */
export interface EditContents {
  /** Every place of a path: of a card's root file systems both A and B. BAD_INPUT where no file system is known. */
  places(path: string): Promise<EditPlace[]>
}

/** What is to be done with the contents. */
export type ContentsWork = (contents: EditContents) => Promise<void>

export interface EditOptions {
  /** The time of what is changed. */
  changedAt: number
  partitions?: readonly string[] | undefined
}

/** Runs `work` on the file systems of a disk image, or on the one that it is; the file is changed where it lies. */
export async function changeImage(
  file: HostFile,
  { changedAt, partitions: selected = [] }: EditOptions,
  work: ContentsWork,
): Promise<void> {
  const read = readerOf(file)
  const table = await readTable(read, await file.sizeBytes())
  if (!table && selected.length > 0) throw noPartitions()
  if (!table) return changeFileSystem(file, { changedAt, what: 'The file' }, work)
  const open = new Map<number, EditableFileSystem>()
  const openPartition = async (partition: Partition): Promise<EditableFileSystem | null> => {
    const found = open.get(partition.number) ?? (await editPartition(file, partition, changedAt))
    if (found) open.set(partition.number, found)
    return found
  }
  await work({
    async places(wanted) {
      const { partitions, path } = placeOnCard(wanted, table.partitions, selected)
      const found = (await Array.fromAsync(partitions, openPartition)).flatMap((fileSystem) => (fileSystem ? [{ fileSystem, path }] : []))
      // Of root file systems A and B one may still be empty; a partition that was asked for may not.
      if (found.length < Math.max(1, selected.length))
        throw noFileSystem(`Partition ${partitions.map(({ number }) => number).join(' or ')}`)
      return found
    },
  })
  for (const fileSystem of open.values()) await fileSystem.finish()
}

/** The file system of a partition. What e2fsck has to mend first it can mend where it lies. */
async function editPartition(file: EditableFile, partition: Partition, changedAt: number): Promise<EditableFileSystem | null> {
  try {
    return await editFileSystem(imageIn(file, partition), changedAt)
  } catch (thrown) {
    if (!isBadImage(thrown)) throw thrown
    const { message, hint } = thrown
    const remedy = hint.includes('e2fsck') ? `Run e2fsck -fy "IMAGE?offset=${partition.startBytes}" once.` : hint
    throw new AppError('ARTIFACT_INVALID', `Partition ${partition.number}: ${message}`, remedy, thrown)
  }
}

/** Folders that are other partitions of a device: what an artifact puts there is never seen. */
const MOUNTED = /^\/(uboot|boot\/efi|boot\/grub|data)(\/|$)/

/** Runs `work` on a file that is the payload of an artifact, unpacked: the file is changed where it lies. */
export function changePayload(
  file: EditableFile,
  options: { changedAt: number; name: string; isRootfs: boolean },
  work: ContentsWork,
): Promise<void> {
  const { changedAt, name, isRootfs } = options
  return changeFileSystem(file, { changedAt, what: `The payload ${name}` }, (contents) =>
    work({
      async places(path) {
        if (isRootfs && MOUNTED.test(path))
          throw new AppError(
            'BAD_INPUT',
            `${path} is not on the root file system, which is all that the artifact holds`,
            'Change it on the device or on its disk image.',
          )
        return contents.places(path)
      },
    }),
  )
}

async function changeFileSystem(
  file: EditableFile,
  { changedAt, what }: { changedAt: number; what: string },
  work: ContentsWork,
): Promise<void> {
  const fileSystem = await editFileSystem(imageIn(file, { startBytes: 0, sizeBytes: await file.sizeBytes() }), changedAt)
  if (!fileSystem) throw noFileSystem(what)
  await work({ places: async (path) => [{ fileSystem, path }] })
  await fileSystem.finish()
}

/** A part of an open file as an image that can be changed. */
function imageIn(file: EditableFile, { startBytes, sizeBytes }: { startBytes: number; sizeBytes: number }): EditImage {
  const read = readerOf(file)
  return {
    sizeBytes,
    read: (position, length) => read(startBytes + position, Math.max(0, Math.min(length, sizeBytes - position))),
    write: async (position, bytes) => {
      if (position + bytes.length > sizeBytes) throw new AppError('INTERNAL', `A write to byte ${position + bytes.length} of ${sizeBytes}`)
      await file.write(bytes, startBytes + position)
    },
  }
}
