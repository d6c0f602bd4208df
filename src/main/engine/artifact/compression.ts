import type { ArtifactContent } from '../../contract/artifacts.ts'
import type { CompressionId } from '../../contract/compression.ts'
import { ByteReader } from './byte-reader.ts'
import { decoded } from './decoders.ts'
import { gzip, gzipSmall } from './gzip.ts'
import { invalid } from './invalid.ts'
import { Trifles } from './trifles.ts'
import { unxz, xz, xzSmall } from './xz.ts'
import { ZSTD_LEVELS, type ZstdLevel, zstd, zstdSmall } from './zstd.ts'
import { frameBytes, frameScratch, nextFrame } from './zstd-frames.ts'

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

/** `source` compressed, always to the same bytes. A chunk of either may be reused after the next is asked for. */
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

/**
 * The content behind `source`, as it is asked for; ARTIFACT_INVALID when it is damaged, cut or followed by something. A chunk of either is
 * gone when the next is asked for.
 */
export function decompress(source: AsyncIterable<Uint8Array>, compression: Compression, where: string): AsyncIterable<Uint8Array> {
  if (compression === 'none') return source
  if (compression === 'lzma') return unxz(source, where)
  return compression === 'zstd' ? unzstd(source, where) : decoded(source, 'gzip', where)
}

/** Frame by frame, because Node's decoder loses what follows a frame when both come in one piece. */
async function* unzstd(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array, void, void> {
  const bytes = new ByteReader(source, where)
  // A decoder is made anew for each frame.
  const frames = new Trifles(`${where}, zstd frames`, { smallBytes: 64 * 1024, max: 1000 })
  const scratch = frameScratch(where)
  let isEmpty = true
  try {
    for (; await nextFrame(bytes); isEmpty = false) {
      let frameContentBytes = 0
      for await (const piece of decoded(frameBytes(bytes, scratch), 'zstd', where)) {
        frameContentBytes += piece.length
        yield piece
      }
      frames.see(frameContentBytes)
    }
  } finally {
    await bytes.close()
  }
  if (isEmpty) throw invalid(`${where}: it holds no zstd frame`)
}
