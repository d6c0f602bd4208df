import { AppError } from '../../contract/errors.ts'
import type { FlashSource, FlashWitness } from '../../contract/flash.ts'
import { limitsWith } from '../artifact/limits.ts'
import { openPayloadFile } from '../artifact/payload-file.ts'
import { readFront } from '../artifact/resign.ts'
import type { Files, HostFile, Programs } from '../host.ts'
import { readBmap } from '../image/bmap-read.ts'
import { mappedBlockCount } from '../image/bmap.ts'
import type { Range } from '../image/ranges.ts'
import { readChunks } from '../lib/file-streams.ts'
import { FORMAT_BYTES, formatOf } from './formats.ts'
import { type FoundBmap, type OwnMap, alignedRanges, bmapBeside, ownMap } from './image-map.ts'
import { smallFile } from './unpack.ts'
import { type FoundSum, sumsBeside } from './witnesses.ts'
import { imageInZip } from './zip-image.ts'
import type { ZipEntry } from './zip.ts'

export interface SourceWish {
  path: string
  bmap: string | null
  /** Of the stored file. */
  sha256: string | null
}

export interface SourceParts {
  files: Files
  programs: Programs
  freeBytes(path: string): Promise<number>
}

/** A source as it was found. */
export interface Looked {
  facts: FlashSource
  bmap: FoundBmap | null
  sums: FoundSum[]
  /** Of a zip. */
  entry: ZipEntry | null
  /** What has to be written of a raw image. */
  ranges: Range[] | null
}

/** What a file is as a source. NOT_FOUND, BAD_INPUT, ARTIFACT_INVALID. */
export async function look(file: HostFile, wish: SourceWish, { files }: SourceParts): Promise<Looked> {
  const { path } = wish
  const storedBytes = await file.sizeBytes()
  const format = await formatIn(file)
  const { entry, bmap, imageBytes } = await insideOf(format, file, { wish, files })
  const { ranges, problem } = await mapOf(format, file, bmap)
  const isMapped = format !== 'raw' || ranges !== null
  const sums = await sumsBeside(files, path)
  return {
    ...{ bmap, sums, entry },
    ranges: isMapped ? ranges : [{ start: 0, end: storedBytes }],
    facts: {
      ...{ path, format, storedBytes, imageBytes },
      mappedBytes: mappedBytesOf(bmap, ranges),
      map: mapKind(bmap, isMapped),
      ...{ witnesses: witnessesOf(wish, sums, bmap), problem },
    },
  }
}

type Inside = Pick<Looked, 'entry' | 'bmap'> & { imageBytes: number | null }

/** The image in a zip, its size where that is known, and the block map beside or inside. VERIFY_FAILED when that is of another image. */
async function insideOf(
  format: FlashSource['format'],
  file: HostFile,
  { wish, files }: { wish: SourceWish; files: Files },
): Promise<Inside> {
  const zip = format === 'zip' ? await imageInZip(file, wish.path) : null
  const inside = zip?.bmap ? { path: '', bmap: readBmap(await smallFile(zip.bmap, file)) } : null
  const bmap = (await bmapBeside(files, wish)) ?? inside
  const known = zip ? zip.image.sizeBytes : await imageBytesOf(format, file)
  if (known === 0) throw empty(wish.path)
  if (bmap && known !== null && known !== bmap.bmap.imageBytes) throw otherMap(bmap, wish.path, known)
  return { entry: zip?.image ?? null, bmap, imageBytes: known ?? bmap?.bmap.imageBytes ?? null }
}

/** BAD_INPUT when there is nothing in it. */
async function formatIn(file: HostFile): Promise<FlashSource['format']> {
  const front = new Uint8Array(FORMAT_BYTES)
  const filled = await file.read(front, 0)
  if (filled === 0) throw empty(file.path)
  return formatOf(front.subarray(0, filled))
}

/** Where it is known before all of it has come. */
async function imageBytesOf(format: FlashSource['format'], file: HostFile): Promise<number | null> {
  if (format === 'raw') return file.sizeBytes()
  return format === 'artifact' ? payloadBytes(file) : null
}

async function mapOf(format: FlashSource['format'], file: HostFile, found: FoundBmap | null): Promise<OwnMap> {
  if (found) return { ranges: alignedRanges(found.bmap.ranges, found.bmap.blockBytes, found.bmap.imageBytes), problem: null }
  return format === 'raw' ? ownMap(file, await file.sizeBytes()) : { ranges: null, problem: null }
}

function mapKind(bmap: FoundBmap | null, isMapped: boolean): FlashSource['map'] {
  if (bmap) return bmap.path === '' ? 'inside' : 'beside'
  return isMapped ? 'file-systems' : 'none'
}

/** None of them has been looked at. */
function witnessesOf(wish: SourceWish, sums: readonly FoundSum[], bmap: FoundBmap | null): FlashSource['witnesses'] {
  const found: Pick<FlashWitness, 'kind' | 'path'>[] = [
    ...(wish.sha256 === null ? [] : [{ kind: 'given', path: '' } as const]),
    ...sums,
    ...(bmap ? [{ kind: 'bmap', path: bmap.path } as const] : []),
  ]
  return found.map(({ kind, path }) => ({ kind, path, isChecked: false, heldAt: null }))
}

function mappedBytesOf(bmap: FoundBmap | null, ranges: readonly Range[] | null): number | null {
  if (bmap) return Math.min(bmap.bmap.imageBytes, mappedBlockCount(bmap.bmap.ranges) * bmap.bmap.blockBytes)
  return ranges ? ranges.reduce((sum, { start, end }) => sum + end - start, 0) : null
}

/** Of an artifact, whose payload says its size before it comes. */
async function payloadBytes(file: HostFile): Promise<number> {
  const payload = await openPayload(file)
  await payload.close()
  return payload.entry.sizeBytes
}

/** The root file system of an artifact. BAD_INPUT when it has none or several. */
export async function openPayload(file: HostFile) {
  const artifact = { sizeBytes: await file.sizeBytes(), chunks: (start: number, end?: number) => readChunks(file, start, end) }
  const front = await readFront(artifact)
  // It goes to a drive, whose size is the limit: as with other packed images.
  const payload = await openPayloadFile(artifact, front, limitsWith({ allowExpansion: true }))
  return { ...payload, sha256: front.sums.get(`data/0000/${payload.entry.name}`) ?? null }
}

function empty(path: string): AppError {
  return new AppError('BAD_INPUT', `${path} holds nothing`, 'Name a disk image.')
}

function otherMap({ path, bmap }: FoundBmap, image: string, imageBytes: number): AppError {
  const what = path === '' ? 'The block map inside it' : path
  return new AppError(
    'VERIFY_FAILED',
    `${what} is of an image with ${bmap.imageBytes} bytes; ${image} has ${imageBytes}`,
    'Fetch both again.',
  )
}
