import { join } from 'node:path'
import type { PayloadSink } from '../../engine/artifact/payload.ts'
import type { Files, HostFile } from '../../engine/host.ts'
import { type FileChange, diffExt4 } from '../../engine/image/ext4-diff.ts'
import { Ext4 } from '../../engine/image/ext4-read.ts'
import { isExt4 } from '../../engine/image/ext4-volume.ts'
import { type ReadImage, isBadImage } from '../../engine/image/image-bytes.ts'
import type { CliContext } from '../context.ts'

/** Where the bytes of an ext image lie as they are. */
export interface ImagePlace {
  path: string
  startsAt: number
  sizeBytes: number
}

/** What is inside two images: the paths at which they differ, or why that cannot be told. */
export type ImageDiff = { kind: 'ext4'; changes: FileChange[] } | { kind: 'unreadable'; why: string }

/** The superblock ends here. */
const FRONT_BYTES = 2048
const ZEROS = Buffer.alloc(1 << 20)

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
    if (!(await isExt4(readerOf(front)))) return
    if (startsAt !== null) return onImage(name, { path: artifactPath, startsAt, sizeBytes })
    const path = join(folder, name)
    await using file = await files.open(path, 'create')
    await file.write(front, 0)
    let position = front.length
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      if (!isZero(next.value)) await file.write(next.value, position)
      position += next.value.length
    }
    await file.truncate(sizeBytes)
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

function readerOf(bytes: Uint8Array): ReadImage {
  return (position, length) => {
    const part = Uint8Array.from(bytes.subarray(position, position + length))
    return Promise.resolve(new DataView(part.buffer))
  }
}

function isZero(piece: Uint8Array): boolean {
  return piece.length <= ZEROS.length && ZEROS.subarray(0, piece.length).equals(piece)
}

function imageIn(file: HostFile, { startsAt, sizeBytes }: ImagePlace): ReadImage {
  return async (position, length) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - position)))
    return new DataView(bytes.buffer, 0, await file.read(bytes, startsAt + position))
  }
}

/** Compares two images file by file, with progress. Damage is an answer, not a failure. */
export async function compareImages(a: ImagePlace, b: ImagePlace, { host, out, signal }: CliContext): Promise<ImageDiff> {
  await using fileA = await host.files.open(a.path, 'read')
  await using fileB = await host.files.open(b.path, 'read')
  try {
    const [imageA, imageB] = [await Ext4.open(imageIn(fileA, a)), await Ext4.open(imageIn(fileB, b))]
    const total = Math.max(imageA.usedInodeCount, imageB.usedInodeCount)
    const changes: FileChange[] = []
    const onPath = (done: number) => out.progress(Math.min(done, total), total, 'compared')
    for await (const change of diffExt4(imageA, imageB, { signal, onPath })) changes.push(change)
    return { kind: 'ext4', changes: changes.toSorted((x, y) => (x.path < y.path ? -1 : 1)) }
  } catch (thrown) {
    if (isBadImage(thrown)) return { kind: 'unreadable', why: thrown.message }
    throw thrown
  }
}
