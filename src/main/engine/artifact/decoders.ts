import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import { AppError } from '../../contract/errors.ts'
import { invalid } from './invalid.ts'
import { release } from './release.ts'
import { isTaken } from '../lib/is-taken.ts'

/**
 * One chunk is worked on while the next is made: objects, because the chunks of a stream of bytes are joined when several wait. Content is
 * seldom a multiple of this odd size: where it ends with a chunk, the decoder makes one more buffer, and leaves it to the garbage collector.
 */
const CHUNKS = { chunkSize: 512 * 1024 + 4096, readableObjectMode: true, readableHighWaterMark: 2 } as const

/** The windows that frameBytes lets through. */
const ZSTD_WINDOW_LOG = 27

const DECODERS = {
  gzip: () => createGunzip(CHUNKS),
  zstd: () => createZstdDecompress({ ...CHUNKS, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }),
} as const

type Decoder = ReturnType<(typeof DECODERS)[keyof typeof DECODERS]>

/**
 * What Node's decoder makes of `source`, a chunk of which may be reused once the next is asked for; so may those that come out.
 * ARTIFACT_INVALID when the data is damaged, cut or followed by something.
 */
export async function* decoded(
  source: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'zstd',
  where: string,
): AsyncGenerator<Uint8Array, void, void> {
  const decoder = DECODERS[compression]()
  const feeding = fed(decoder, source)
  const settled = feeding.catch(() => undefined)
  let last: Uint8Array | null = null
  try {
    for await (const chunk of chunksOf(decoder)) {
      yield chunk
      // The decoder goes on filling a buffer whose end it has not reached.
      last = chunk.byteOffset + chunk.length === chunk.buffer.byteLength ? null : chunk
      if (last === null) release(chunk)
    }
    if (last) release(last)
    const extraBytes = (await feeding) - decoder.bytesWritten
    if (extraBytes > 0) throw invalid(`${where}: ${extraBytes} bytes follow the end of the ${compression} data`)
  } catch (thrown) {
    throw thrown instanceof AppError || !isCodecError(thrown)
      ? thrown
      : invalid(`${where}: damaged ${compression} data: ${thrown.message}`, undefined, thrown)
  } finally {
    decoder.destroy()
    await settled
  }
}

/** Puts all of `source` in, each chunk when the one before is used up; answers how many bytes there were. */
async function fed(decoder: Decoder, source: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  try {
    for await (const chunk of source) {
      bytes += chunk.length
      if (!(await isTaken(decoder, chunk))) break
    }
    decoder.end()
    return bytes
  } catch (thrown) {
    decoder.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)))
    throw thrown
  }
}

async function* chunksOf(decoder: Decoder): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of decoder) if (chunk instanceof Uint8Array) yield chunk
}

/** zlib's errors carry a code: Z_DATA_ERROR, ZSTD_error_… */
function isCodecError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && /^Z(_|STD)/.test(thrown.code)
}
