import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import { AppError } from '../../contract/errors.ts'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { invalid } from './invalid.ts'

export type Compression = ArtifactContent['compression']

/** How the name of header.tar and data/0000.tar goes on. */
export const EXTENSIONS: Record<Compression, string> = { none: '', gzip: '.gz', lzma: '.xz', zstd: '.zst' }

/** The compression that an entry's name says: `stem` followed by a known extension; null for any other name. */
export function compressionOf(name: string, stem: string): Compression | null {
  for (const id of ['none', 'gzip', 'lzma', 'zstd'] as const) if (name === stem + EXTENSIONS[id]) return id
  return null
}

const CHUNK_BYTES = 256 * 1024

/** The windows that every reader in the field takes. */
const ZSTD_WINDOW_LOG = 27

const DECODERS = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }),
} as const

/** The content behind `source`, as it is asked for; ARTIFACT_INVALID when it is damaged, cut or followed by something. */
export function decompress(source: AsyncIterable<Uint8Array>, compression: Compression, where: string): AsyncIterable<Uint8Array> {
  if (compression === 'none') return source
  if (compression === 'lzma')
    throw invalid(`${where}: lzma compression is not supported yet`, 'Write the artifact with gzip, or without compression.')
  return decoded(source, compression, where)
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

async function* counted(source: AsyncIterable<Uint8Array>, counter: { bytes: number }): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of source) {
    counter.bytes += chunk.length
    // A copy: the decoder works on while the source may fill its chunk anew.
    yield chunk.slice()
  }
}

/** zlib's errors carry a code: Z_DATA_ERROR, ZSTD_error_… */
function isCodecError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && /^Z(_|STD)/.test(thrown.code)
}
