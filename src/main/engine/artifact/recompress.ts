import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { COMPRESSION_NAMES } from '../../contract/compression.ts'
import { AppError } from '../../contract/errors.ts'
import { type Compression, EXTENSIONS, compress, formatOf } from './compression.ts'
import { Expansion } from './expansion.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { type PackedData, packData } from './pack-data.ts'
import { readExpandedPayload } from './payload.ts'
import { type ArtifactBytes, type ArtifactFront, readFront } from './resign.ts'
import type { ArtifactSink } from './write.ts'

export interface Compressor {
  compression: Compression
  compress(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

/** What a payload can be compressed with, by the name that the command line has for it. */
export const COMPRESSORS: ReadonlyMap<string, Compressor> = new Map(
  [...COMPRESSION_NAMES].map(([name, id]) => [name, { compression: formatOf(id), compress: (source) => compress(source, id) }]),
)

export interface RecompressOptions {
  limits?: Limits
  /** What stands before data/0000.tar from now on; default: what stood there. */
  bytes?: Uint8Array | undefined
  signal?: AbortSignal | undefined
  /** Bytes of the old payload read so far, as stored. */
  onProgress?: (doneBytes: number, totalBytes: number) => void
}

/**
 * Writes the artifact anew with its payload compressed otherwise. All before data/0000.tar keeps its bytes, and the manifest has the sums of
 * the files themselves: a signature stays valid. Every file is checked on the way; on ARTIFACT_INVALID what was written is worthless.
 */
export async function recompress(
  artifact: ArtifactBytes,
  { compression, compress }: Compressor,
  sink: ArtifactSink,
  options: RecompressOptions = {},
): Promise<PackedData> {
  const front = await readFront(artifact)
  const data = { ...front.data, name: `data/0000.tar${EXTENSIONS[compression]}` }
  return packData({ front: options.bytes ?? front.stored, data, tar: () => checkedTar(artifact, front, options), compress }, sink)
}

/** data/0000.tar uncompressed, which throws at its end when the manifest does not have exactly its files. */
async function* checkedTar(
  { chunks }: ArtifactBytes,
  front: ArtifactFront,
  { signal, onProgress, limits = DEFAULT_LIMITS }: RecompressOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const totalBytes = front.data.sizeBytes
  async function* stored(): AsyncGenerator<Uint8Array, void, void> {
    let done = 0
    for await (const chunk of chunks(front.dataStartsAt, front.dataStartsAt + totalBytes)) {
      if (signal?.aborted) throw new AppError('CANCELLED', 'Cancelled', '', signal.reason)
      done += chunk.length
      onProgress?.(done, totalBytes)
      yield chunk
    }
  }
  const copy = new PassThrough({ highWaterMark: 1 << 20 })
  const expansion = new Expansion({ compression: front.dataCompression, storedBytes: totalBytes, isThere: true, limits })
  const checking = readExpandedPayload(copy, { startsAt: 0, manifest: front.sums, limits, expansion })
  // Watched from the start: it may fail while nobody waits for it.
  const settled = checking.catch(() => undefined)
  try {
    for await (const chunk of expansion.decompress(stored())) {
      // A copy: the source may fill its chunk anew before this one is checked.
      if (!copy.write(new Uint8Array(chunk))) await Promise.race([once(copy, 'drain'), checking])
      yield chunk
    }
    copy.end()
    await checking
  } finally {
    copy.destroy()
    await settled
  }
}
