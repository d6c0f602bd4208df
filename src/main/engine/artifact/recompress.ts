import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { COMPRESSION_NAMES } from '../../contract/compression.ts'
import { AppError } from '../../contract/errors.ts'
import { type Compression, EXTENSIONS, compress, decompress, formatOf } from './compression.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { readPayload } from './payload.ts'
import { type ArtifactBytes, type ArtifactFront, readFront } from './resign.ts'
import { encodeTarHeader } from './tar-header.ts'
import { TAR_END, joinBytes, paddingFor } from './tar-write.ts'
import type { ArtifactSink } from './write.ts'

interface Compressor {
  compression: Compression
  compress(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

/** What a payload can be compressed with, by the name that the command line has for it. */
export const COMPRESSORS: ReadonlyMap<string, Compressor> = new Map(
  [...COMPRESSION_NAMES].map(([name, id]) => [name, { compression: formatOf(id), compress: (source) => compress(source, id) }]),
)

export interface RecompressOptions {
  signal?: AbortSignal | undefined
  /** Bytes of the old payload read so far, as stored. */
  onProgress?: (doneBytes: number, totalBytes: number) => void
}

/** The size from which USTAR cannot hold an entry's size. */
const USTAR_SIZE_LIMIT = 8 ** 11

/**
 * Writes the artifact anew with its payload compressed otherwise. All before data/0000.tar keeps its bytes, and the manifest has the sums of
 * the files themselves: a signature stays valid. Every file is checked on the way; on ARTIFACT_INVALID what was written is worthless.
 */
export async function recompress(
  artifact: ArtifactBytes,
  { compression, compress }: Compressor,
  sink: ArtifactSink,
  options: RecompressOptions = {},
): Promise<{ sizeBytes: number }> {
  const front = await readFront(artifact)
  const data = { ...front.data, name: `data/0000.tar${EXTENSIONS[compression]}` }
  const pack = async (hasLargeData: boolean): Promise<{ sizeBytes: number; dataBytes: number }> => {
    const header = (sizeBytes: number): Uint8Array =>
      joinBytes([front.stored, encodeTarHeader({ ...data, sizeBytes }, hasLargeData ? { size: String(sizeBytes) } : {})])
    // The size that is not known yet has as many digits as the largest, so that the header has its length.
    const startsAt = header(hasLargeData ? USTAR_SIZE_LIMIT : 0).length
    let position = startsAt
    for await (const piece of compress(checkedTar(artifact, front, options))) {
      await sink.write(piece, position)
      position += piece.length
    }
    const dataBytes = position - startsAt
    const end = joinBytes([paddingFor(dataBytes), TAR_END])
    await sink.write(end, position)
    const front0 = header(dataBytes)
    if (front0.length === startsAt) await sink.write(front0, 0)
    return { sizeBytes: position + end.length, dataBytes }
  }
  const isLarge = front.data.sizeBytes >= USTAR_SIZE_LIMIT
  const packed = await pack(isLarge)
  // Only a payload that grows beyond 8 GiB when it is unpacked comes here: its header needs more room than was kept.
  return isLarge || packed.dataBytes < USTAR_SIZE_LIMIT ? packed : pack(true)
}

/** data/0000.tar uncompressed, which throws at its end when the manifest does not have exactly its files. */
async function* checkedTar(
  { chunks }: ArtifactBytes,
  front: ArtifactFront,
  { signal, onProgress }: RecompressOptions,
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
  const checking = readPayload(copy, { compression: 'none', startsAt: 0, manifest: front.sums, limits: DEFAULT_LIMITS })
  // Watched from the start: it may fail while nobody waits for it.
  const settled = checking.catch(() => undefined)
  try {
    for await (const chunk of decompress(stored(), front.dataCompression, front.data.name)) {
      // A copy: the source may fill its chunk anew before this one is checked.
      if (!copy.write(chunk.slice())) await Promise.race([once(copy, 'drain'), checking])
      yield chunk
    }
    copy.end()
    await checking
  } finally {
    copy.destroy()
    await settled
  }
}
