import { createHash } from 'node:crypto'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { ByteReader } from './byte-reader.ts'
import type { Expansion } from './expansion.ts'
import { invalid, quoted } from './invalid.ts'
import type { Limits } from './limits.ts'
import type { Manifest } from './manifest.ts'
import { type FoundEntry, TarReader } from './tar-read.ts'

export type PayloadFile = ArtifactContent['files'][number]

/** A payload file as it comes. `startsAt` is the byte of the artifact at which its content lies as it is; null where it is compressed. */
export interface ComingFile {
  name: string
  sizeBytes: number
  startsAt: number | null
}

/** Takes one payload file. What it leaves unread is read, and checked, after it. */
export type PayloadSink = (file: ComingFile, content: AsyncIterable<Uint8Array>) => Promise<void>

export interface PayloadOptions {
  /** The byte of the artifact at which `stored` begins. */
  startsAt: number
  manifest: Manifest
  limits: Limits
  expansion: Expansion
  onPayloadFile?: PayloadSink | undefined
}

/** Names that every client takes (mender-artifact format, "data/0000.tar"). */
const NAME = /^[\w\-.,]+$/

/** Whether a payload file may be called so. */
export function isPayloadName(name: string): boolean {
  return NAME.test(name)
}

/** Reads data/0000.tar as stored: every file listed in the manifest, once, with its checksum, and no other. */
export function readPayload(stored: AsyncIterable<Uint8Array>, options: PayloadOptions): Promise<PayloadFile[]> {
  return readExpandedPayload(options.expansion.decompress(stored), options)
}

/** The same of what `expansion` has decompressed. */
export async function readExpandedPayload(tarBytes: AsyncIterable<Uint8Array>, options: PayloadOptions): Promise<PayloadFile[]> {
  const { expansion, manifest, limits, onPayloadFile } = options
  const bytes = new ByteReader(tarBytes, 'data/0000.tar')
  const files = new Map<string, PayloadFile>()
  let total = 0
  try {
    const tar = new TarReader(bytes, limits.pax)
    for (let entry = await tar.next(); entry; entry = await tar.next()) {
      total += entry.sizeBytes
      if (total > limits.payload) throw invalid(`data/0000.tar holds more than the ${limits.payload} bytes that are accepted`)
      expansion.declare(bytes.position + entry.sizeBytes)
      if (files.has(entry.name)) throw invalid(`data/0000.tar: ${quoted(entry.name)} is there twice`)
      const startsAt = expansion.isCompressed ? null : options.startsAt + bytes.position
      files.set(entry.name, await readFile(entry, tar, { manifest, onPayloadFile, startsAt }))
    }
  } finally {
    await bytes.close()
  }
  for (const name of manifest.keys()) {
    const file = name.startsWith('data/0000/') ? name.slice('data/0000/'.length) : null
    if (file !== null && !files.has(file)) throw invalid(`data/0000.tar: ${quoted(file)} is missing, though the manifest lists it`)
  }
  return [...files.values()]
}

type FileOptions = Pick<PayloadOptions, 'manifest' | 'onPayloadFile'> & Pick<ComingFile, 'startsAt'>

async function readFile(entry: FoundEntry, tar: TarReader, { manifest, onPayloadFile, startsAt }: FileOptions): Promise<PayloadFile> {
  const { name, sizeBytes, modifiedAt } = entry
  if (!isPayloadName(name)) throw invalid(`data/0000.tar: the name ${quoted(name)} has characters other than letters, digits and .,_-`)
  const listed = manifest.get(`data/0000/${name}`)
  if (listed === undefined) throw invalid(`data/0000.tar: ${quoted(name)} is not listed in the manifest`)
  const content = checked(tar.content(), listed, name)
  if (onPayloadFile) await onPayloadFile({ name, sizeBytes, startsAt }, unclosed(content))
  for await (const _ of content);
  return { name, sizeBytes, sha256: listed, modifiedAt }
}

/** The content, which throws at its end when it is not what the manifest says. */
async function* checked(content: AsyncIterable<Uint8Array>, listed: string, name: string): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash('sha256')
  for await (const piece of content) {
    hash.update(piece)
    yield piece
  }
  const sum = hash.digest('hex')
  if (sum !== listed) throw invalid(`data/0000/${name}: checksum mismatch: it is ${sum}, the manifest says ${listed}`)
}

/** The same stream, which a reader may leave early without ending it for others. */
function unclosed(content: AsyncGenerator<Uint8Array, void, void>): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next: () => content.next() }) }
}
