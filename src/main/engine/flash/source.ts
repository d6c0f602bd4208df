import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { FlashSource } from '../../contract/flash.ts'
import type { Files, HostFile } from '../host.ts'
import { readAhead } from '../lib/file-streams.ts'
import { FORMAT_BYTES, formatOf } from './formats.ts'
import { Feed } from './feed.ts'
import { type ImageMap, mapOf } from './image-map.ts'

/** An image that is being written: what of it is there already, and where the writers read it. */
export interface OpenSource extends AsyncDisposable {
  facts: FlashSource
  /** A file that holds the image, as far as `feed` has told. */
  path: string
  feed: Feed
  /** Of the stored file; resolves when it was read to its end. */
  sha256: Promise<string>
  /** What the image itself waits for. */
  waitsFor(): 'source' | 'decompression'
}

export interface SourceWish {
  path: string
  bmap: string | null
}

/** What a file is as a source. NOT_FOUND, BAD_INPUT, ARTIFACT_INVALID. */
export async function inspectSource(files: Files, wish: SourceWish): Promise<FlashSource> {
  await using file = await files.open(wish.path, 'read')
  return (await look(files, file, wish)).facts
}

async function look(files: Files, file: HostFile, wish: SourceWish): Promise<{ facts: FlashSource; map: ImageMap }> {
  const storedBytes = await file.sizeBytes()
  if (storedBytes === 0) throw new AppError('BAD_INPUT', `${wish.path} is empty`, 'Name a disk image.')
  const front = new Uint8Array(FORMAT_BYTES)
  const format = formatOf(front.subarray(0, await file.read(front, 0)))
  if (format !== 'raw') throw new AppError('BAD_INPUT', `${wish.path}: ${format} is not written yet`, 'Unpack it first.')
  const map = await mapOf(files, file, wish)
  const mappedBytes = map.ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  return {
    map,
    facts: { path: wish.path, format: 'raw', storedBytes, imageBytes: storedBytes, mappedBytes, map: map.kind, witnesses: map.witnesses },
  }
}

/** Opens an image to be written. Dispose of it when the last writer has ended. */
export async function openSource(files: Files, wish: SourceWish, signal: AbortSignal): Promise<OpenSource> {
  await using opening = new AsyncDisposableStack()
  const file = opening.use(await files.open(wish.path, 'read'))
  const { facts, map } = await look(files, file, wish)
  const feed = new Feed()
  feed.push(map.ranges)
  feed.end(facts.storedBytes)
  const ending = new AbortController()
  const sha256 = sha256Of(file, AbortSignal.any([signal, ending.signal]))
  sha256.catch(() => undefined)
  const open = opening.move()
  return {
    ...{ facts, path: wish.path, feed, sha256 },
    waitsFor: () => 'source',
    async [Symbol.asyncDispose]() {
      ending.abort()
      await sha256.catch(() => undefined)
      await open.disposeAsync()
    },
  }
}

async function sha256Of(file: HostFile, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of readAhead(file)) {
    signal.throwIfAborted()
    hash.update(piece)
  }
  return hash.digest('hex')
}
