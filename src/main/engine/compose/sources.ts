import { AppError } from '../../contract/errors.ts'
import type { Files } from '../host.ts'
import { readTable, partOf } from '../image/open-file-system.ts'
import { readVolumeFacts } from '../image/volume-facts.ts'
import { readerOf } from '../lib/image-file.ts'
import type { Region } from './recipe.ts'

/** A piece of a file, and the kind of file system in it as blkid calls it; empty where none is known. */
export interface Source {
  region: Region
  kind: string
}

/** A whole image file. NOT_FOUND, BAD_INPUT for a folder. */
export async function wholeImage(files: Files, path: string): Promise<Source> {
  await refuseFolder(files, path)
  await using file = await files.open(path, 'read')
  return { region: { path, startBytes: 0, sizeBytes: await file.sizeBytes() }, kind: (await readVolumeFacts(readerOf(file)))?.kind ?? '' }
}

/** A partition of a card image: that number, else the first one. */
export async function partitionOf(files: Files, path: string, wanted: number | undefined): Promise<Source> {
  await refuseFolder(files, path)
  await using file = await files.open(path, 'read')
  const read = readerOf(file)
  const table = await readTable(read, await file.sizeBytes())
  const found = table?.partitions.find(({ number }) => wanted === undefined || number === wanted)
  if (!found)
    throw new AppError(
      'BAD_INPUT',
      `${path} has no ${wanted === undefined ? 'partitions' : `partition ${wanted}`}`,
      'Name a card image that is not packed; otabench image inspect says what it has.',
    )
  const { startBytes, sizeBytes } = found
  return { region: { path, startBytes, sizeBytes }, kind: (await readVolumeFacts(partOf(read, found)))?.kind ?? '' }
}

async function refuseFolder(files: Files, path: string): Promise<void> {
  const stat = await files.stat(path)
  if (!stat) throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path.')
  if (stat.kind === 'folder') throw new AppError('BAD_INPUT', `${path} is a folder`, 'Say folder instead of image.')
}

/** NOT_FOUND where there is none; BAD_INPUT where it is something else. */
export async function checkKind(files: Files, path: string, kind: 'file' | 'folder'): Promise<void> {
  const stat = await files.stat(path)
  if (!stat) throw new AppError('NOT_FOUND', `There is no ${kind} ${path}`, 'Check the path.')
  if (stat.kind !== kind) throw new AppError('BAD_INPUT', `${path} is a ${stat.kind}, not a ${kind}`, `Name a ${kind}.`)
}
