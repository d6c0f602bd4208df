import { join } from 'node:path'
import type { FileChange, ImageDiff } from '../../contract/comparisons.ts'
import { textDiff } from '../artifact/diff.ts'
import type { PayloadSink } from '../artifact/payload.ts'
import type { Files, HostFile } from '../host.ts'
import { diffExt4 } from '../image/ext4-diff.ts'
import { Ext4 } from '../image/ext4-read.ts'
import { isExt4 } from '../image/ext4-volume.ts'
import { type ReadImage, inMemory, isBadImage } from '../image/image-bytes.ts'
import { partOf } from '../image/open-file-system.ts'
import { readerOf, writeSparse } from '../lib/image-file.ts'

/** Where the bytes of an ext image lie as they are. */
export interface ImagePlace {
  path: string
  startsAt: number
  sizeBytes: number
}

/** The superblock ends here. */
const FRONT_BYTES = 2048
/** Texts up to this size are compared line by line, as long as there are not too many of them. */
const TEXT_BYTES = 64 * 1024
const MAX_TEXTS = 2000
const MAX_LINES = 500

interface SinkParts {
  files: Files
  /** The artifact, where an uncompressed payload is read from in place. */
  artifactPath: string
  /** For what must be decompressed. */
  folder: string
  onImage: (name: string, place: ImagePlace) => void
}

/** Finds the ext images of a payload: one that is compressed is put into a file of its own, without writing its zeros. */
export function imageSink({ files, artifactPath, folder, onImage }: SinkParts): PayloadSink {
  return async ({ name, sizeBytes, startsAt }, content) => {
    const pieces = content[Symbol.asyncIterator]()
    const front = await readFront(pieces)
    if (!(await isExt4(inMemory(front)))) return
    if (startsAt !== null) return onImage(name, { path: artifactPath, startsAt, sizeBytes })
    const path = join(folder, name)
    await using file = await files.open(path, 'create')
    await writeSparse(file, whole(front, pieces))
    onImage(name, { path, startsAt: 0, sizeBytes })
  }
}

/** At least the first 2 KiB, in whole pieces. */
async function readFront(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let front = Buffer.alloc(0)
  while (front.length < FRONT_BYTES) {
    const next = await pieces.next()
    if (next.done) break
    front = Buffer.concat([front, next.value])
  }
  return front
}

async function* whole(front: Uint8Array, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield front
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value
}

function imageIn(file: HostFile, { startsAt, sizeBytes }: ImagePlace): ReadImage {
  return partOf(readerOf(file), { startBytes: startsAt, sizeBytes })
}

interface ImageOptions {
  signal?: AbortSignal | undefined
  /** Whether small texts are compared line by line too. */
  hasText: boolean
  onProgress: (done: number, total: number) => void
}

/** Compares two images file by file, with progress; changes in the order of their paths. Damage is an answer, not a failure. */
export async function compareImages(files: Files, a: ImagePlace, b: ImagePlace, options: ImageOptions): Promise<ImageDiff> {
  const { signal, hasText, onProgress } = options
  await using fileA = await files.open(a.path, 'read')
  await using fileB = await files.open(b.path, 'read')
  try {
    const images = [await Ext4.open(imageIn(fileA, a)), await Ext4.open(imageIn(fileB, b))] as const
    const total = Math.max(images[0].usedInodeCount, images[1].usedInodeCount)
    const changes: FileChange[] = []
    let texts = 0
    const onPath = (done: number) => onProgress(Math.min(done, total), total)
    for await (const found of diffExt4(...images, { signal, onPath })) {
      const isText = hasText && isSmallFile(found) && texts++ < MAX_TEXTS
      changes.push(isText ? { ...found, lines: await textOf(found, images) } : found)
    }
    return { kind: 'ext4', changes: changes.toSorted((x, y) => (x.path < y.path ? -1 : 1)) }
  } catch (thrown) {
    if (isBadImage(thrown)) return { kind: 'unreadable', why: thrown.message }
    throw thrown
  }
}

function isSmallFile({ a, b, differs }: FileChange): boolean {
  const isContentSame = a !== null && b !== null && !differs.includes('sha256')
  return !isContentSame && [a, b].every((facts) => facts === null || (facts.kind === 'file' && (facts.sizeBytes ?? 0) <= TEXT_BYTES))
}

async function textOf({ path, a, b }: FileChange, [imageA, imageB]: readonly [Ext4, Ext4]): Promise<string[] | null> {
  const lines = textDiff(a && (await contentOf(imageA, path)), b && (await contentOf(imageB, path)))
  return lines !== null && lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} lines more`] : lines
}

async function contentOf(image: Ext4, path: string): Promise<Uint8Array> {
  const inode = await image.find(path)
  const pieces: Uint8Array[] = []
  if (inode) for await (const piece of image.content(inode)) pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces)
}
