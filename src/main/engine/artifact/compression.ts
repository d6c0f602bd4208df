import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import type { CompressionId } from '../../contract/compression.ts'
import { AppError } from '../../contract/errors.ts'
import { ByteReader } from './byte-reader.ts'
import { gzip, gzipSmall } from './gzip.ts'
import { invalid } from './invalid.ts'
import { unxz, xz, xzSmall } from './xz.ts'
import { ZSTD_LEVELS, type ZstdLevel, zstd, zstdSmall } from './zstd.ts'
import { frameBytes, nextFrame } from './zstd-frames.ts'

/** How a part of an artifact is stored. */
export type Compression = ArtifactContent['compression']

/** What a compression makes. */
export function formatOf(id: CompressionId): Compression {
  return isZstdLevel(id) ? 'zstd' : id
}

function isZstdLevel(id: CompressionId): id is ZstdLevel {
  return id in ZSTD_LEVELS
}

/** How the name of header.tar and data/0000.tar goes on. */
export const EXTENSIONS: Record<Compression, string> = { none: '', gzip: '.gz', lzma: '.xz', zstd: '.zst' }

/** The compression that an entry's name says: `stem` followed by a known extension; null for any other name. */
export function compressionOf(name: string, stem: string): Compression | null {
  for (const id of ['none', 'gzip', 'lzma', 'zstd'] as const) if (name === stem + EXTENSIONS[id]) return id
  return null
}

/** `source` compressed, always to the same bytes. A chunk of `source` may be reused after the next is asked for. */
export function compress(source: AsyncIterable<Uint8Array>, id: CompressionId): AsyncIterable<Uint8Array> {
  if (isZstdLevel(id)) return zstd(source, id)
  return { none: () => source, gzip: () => gzip(source), lzma: () => xz(source) }[id]()
}

/** The level for a header that is only known to be zstd. */
const HEADER_LEVEL = 'zstd_better'

/**
 * header.tar, compressed to exactly `targetBytes`, or to as little as it gets when that is null; null when it cannot be made that long.
 * With `none` its length is what it is.
 */
export async function compressSmall(
  content: Uint8Array,
  id: CompressionId | Compression,
  targetBytes: number | null,
): Promise<Uint8Array | null> {
  if (id === 'zstd') return zstdSmall(content, HEADER_LEVEL, targetBytes)
  if (isZstdLevel(id)) return zstdSmall(content, id, targetBytes)
  if (id === 'none') return targetBytes === null || targetBytes === content.length ? content : null
  return (id === 'gzip' ? gzipSmall : xzSmall)(content, targetBytes)
}

const CHUNK_BYTES = 256 * 1024

/** The windows that frameBytes lets through. */
const ZSTD_WINDOW_LOG = 27

const DECODERS = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }),
} as const

/** The content behind `source`, as it is asked for; ARTIFACT_INVALID when it is damaged, cut or followed by something. */
export function decompress(source: AsyncIterable<Uint8Array>, compression: Compression, where: string): AsyncIterable<Uint8Array> {
  if (compression === 'none') return source
  if (compression === 'lzma') return unxz(source, where)
  return compression === 'zstd' ? unzstd(source, where) : decoded(copied(source), 'gzip', where)
}

/** A decoder is made anew for each frame, which costs more than such a frame holds. No writer makes many of them. */
const SMALL_FRAME_BYTES = 64 * 1024
const SMALL_FRAMES_MAX = 10_000

/** Frame by frame, because Node's decoder loses what follows a frame when both come in one piece. */
async function* unzstd(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array, void, void> {
  const bytes = new ByteReader(source, where)
  let frames = 0
  let smallFrames = 0
  try {
    for (; await nextFrame(bytes); frames += 1) {
      let frameContentBytes = 0
      for await (const piece of decoded(frameBytes(bytes), 'zstd', where)) {
        frameContentBytes += piece.length
        yield piece
      }
      smallFrames += frameContentBytes < SMALL_FRAME_BYTES ? 1 : 0
      if (smallFrames > SMALL_FRAMES_MAX) throw invalid(`${where}: more than ${SMALL_FRAMES_MAX} zstd frames of next to no content`)
    }
  } finally {
    await bytes.close()
  }
  if (frames === 0) throw invalid(`${where}: it holds no zstd frame`)
}

async function* decoded(
  source: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'zstd',
  where: string,
): AsyncGenerator<Uint8Array, void, void> {
  const stream = DECODERS[compression]()
  const counter = { bytes: 0 }
  const feeding = pipeline(counted(source, counter), stream)
  const fed = feeding.catch(() => undefined)
  try {
    for await (const chunk of stream) yield chunk
    await feeding
    if (stream.bytesWritten !== counter.bytes) {
      throw invalid(`${where}: ${counter.bytes - stream.bytesWritten} bytes follow the end of the ${compression} data`)
    }
  } catch (thrown) {
    throw thrown instanceof AppError || !isCodecError(thrown)
      ? thrown
      : invalid(`${where}: damaged ${compression} data: ${thrown.message}`, undefined, thrown)
  } finally {
    stream.destroy()
    await fed
  }
}

/** Copies: the decoder works on while the source may fill its chunk anew. */
async function* copied(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of source) yield chunk.slice()
}

async function* counted(source: AsyncIterable<Uint8Array>, counter: { bytes: number }): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of source) {
    counter.bytes += chunk.length
    yield chunk
  }
}

/** zlib's errors carry a code: Z_DATA_ERROR, ZSTD_error_… */
function isCodecError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && /^Z(_|STD)/.test(thrown.code)
}
