import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import { openPayloadFile } from '../artifact/payload-file.ts'
import type { Limits } from '../artifact/limits.ts'
import { readFront } from '../artifact/resign.ts'
import type { Files, HostFile } from '../host.ts'
import { placeOnCard } from '../image/card-layout.ts'
import type { FileSystem } from '../image/file-system.ts'
import type { ReadImage } from '../image/image-bytes.ts'
import { openFileSystem, partOf, readTable } from '../image/open-file-system.ts'
import type { Partition, PartitionTable } from '../image/partition.ts'
import { readChunks } from '../lib/file-streams.ts'
import { readerOf } from '../lib/image-file.ts'
import { StreamedImage } from './streamed-image.ts'

export interface ContentsOptions {
  files: Files
  /** For what of a compressed payload memory does not hold. Made when it is needed, and removed in the end. */
  folder: string
  /** Numbers or names of partitions, where the layout of the image does not say which is meant. */
  partitions?: readonly string[] | undefined
  limits?: Limits | undefined
  signal?: AbortSignal | undefined
  /** How much of a compressed payload has been read. */
  onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined
}

/** A file system and the path in it at which something of the device lies. */
export interface Found {
  fileSystem: FileSystem
  path: string
  /** null where there are no partitions. */
  partition: Partition | null
}

/** What is inside an artifact's payload, a card or a bare file system. */
export interface Contents {
  /** null where there are no partitions. */
  table: PartitionTable | null
  /** Where a path is to be read: of root file systems A and B the first that there is. BAD_INPUT where no file system is known. */
  find(path: string): Promise<Found>
}

/**
 * Opens a file to read what is inside: an artifact with a file system as its payload, a disk image, or one bare file system. Of a payload
 * only as much is decompressed as the reading asks for, and its sum is not checked. Dispose of it when done.
 */
export async function openContents(path: string, options: ContentsOptions): Promise<Contents & AsyncDisposable> {
  await using opening = new AsyncDisposableStack()
  const file = opening.use(await options.files.open(path, 'read'))
  const whole = readerOf(file)
  const contents = (await isArtifact(whole))
    ? await payloadContents(file, options, opening)
    : await imageContents(whole, await file.sizeBytes(), options)
  const open = opening.move()
  return { ...contents, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

async function payloadContents(file: HostFile, options: ContentsOptions, opening: AsyncDisposableStack): Promise<Contents> {
  const { files, folder, partitions = [], limits, signal, onProgress } = options
  if (partitions.length > 0) throw noPartitions()
  const artifact = { sizeBytes: await file.sizeBytes(), chunks: (start: number, end?: number) => readChunks(file, start, end) }
  const payload = await openPayloadFile(artifact, await readFront(artifact), limits)
  opening.defer(() => payload.close())
  const { sizeBytes, name } = payload.entry
  if (payload.startsAt !== null)
    return bareContents(partOf(readerOf(file), { startBytes: payload.startsAt, sizeBytes }), `The payload ${name}`)
  opening.defer(() => files.remove(folder))
  const openSpill = async () => {
    await files.makeFolder(folder)
    return files.open(join(folder, 'payload'), 'create')
  }
  const image = opening.use(new StreamedImage({ content: payload.content(), sizeBytes, openSpill, signal, onProgress }))
  return bareContents(image.read, `The payload ${name}`)
}

/** Whether a file begins as an artifact does: a tar whose first entry is `version`. */
export async function isArtifact(read: ReadImage): Promise<boolean> {
  const view = await read(0, 512)
  const text = (at: number, length: number): string =>
    Array.from({ length }, (_, index) => String.fromCharCode(view.getUint8(at + index))).join('')
  return view.byteLength === 512 && text(257, 5) === 'ustar' && text(0, 8) === 'version\0'
}

/** One file system and nothing around it. */
async function bareContents(read: ReadImage, what: string): Promise<Contents> {
  const fileSystem = await openFileSystem(read)
  const find = async (path: string): Promise<Found> => {
    if (!fileSystem) throw noFileSystem(what)
    return { fileSystem, path, partition: null }
  }
  return { table: null, find }
}

async function imageContents(read: ReadImage, sizeBytes: number, { partitions: selected = [] }: ContentsOptions): Promise<Contents> {
  const table = await readTable(read, sizeBytes)
  if (!table && selected.length > 0) throw noPartitions()
  if (!table) return bareContents(read, 'The file')
  const find = async (path: string): Promise<Found> => {
    const place = placeOnCard(path, table.partitions, selected)
    for (const partition of place.partitions) {
      const fileSystem = await openFileSystem(partOf(read, partition))
      if (fileSystem) return { fileSystem, path: place.path, partition }
    }
    throw noFileSystem(`Partition ${place.partitions.map(({ number }) => number).join(' and ')}`)
  }
  return { table, find }
}

export function noPartitions(): AppError {
  return new AppError('BAD_INPUT', 'There are no partitions: it is one file system', 'Leave --partition out.')
}

/** BAD_INPUT: what cannot be looked into, though nothing may be wrong with it. */
export function noFileSystem(what: string): AppError {
  const hint = 'Only these file systems can be opened, alone, on disk images and in artifacts.'
  return new AppError('BAD_INPUT', `${what} holds neither ext2, ext3, ext4 nor FAT`, hint)
}
