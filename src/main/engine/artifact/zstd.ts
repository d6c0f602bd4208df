import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { joinBytes } from './tar-write.ts'
import { blocksOf, oldestOf } from './blocks.ts'

const zstdAsync = promisify(zstdCompress)

/**
 * Frames are compressed on their own, side by side on the thread pool: whole calls, because a stream's bytes depend on how its input
 * came. No frame refers further back than it is long, so every reader has the memory for it.
 */
const FRAME_BYTES = 4 << 20
const FRAMES_IN_FLIGHT = 3

/**
 * mender-artifact's names for how much work to put in, with libzstd's levels nearest to what they mean there. On a root file system 2 is
 * 5 % larger than 3 for a quarter less time, 1 is no smaller than gzip.
 */
export const ZSTD_LEVELS = { zstd_fastest: 1, zstd_fast: 2, zstd_better: 7, zstd_best: 11 } as const

export type ZstdLevel = keyof typeof ZSTD_LEVELS

/** The largest window that a header of many large scripts gets; frames of the payload are smaller. */
const WINDOW_LOG = 23

function frame(content: Uint8Array, level: ZstdLevel): Promise<Uint8Array> {
  const params = {
    [constants.ZSTD_c_compressionLevel]: ZSTD_LEVELS[level],
    [constants.ZSTD_c_checksumFlag]: 1,
    [constants.ZSTD_c_windowLog]: WINDOW_LOG,
  }
  return zstdAsync(content, { params, chunkSize: FRAME_BYTES / 2, pledgedSrcSize: content.length })
}

/** All of `source` in zstd frames (RFC 8878). A chunk of `source` may be reused after the next is asked for. */
export async function* zstd(source: AsyncIterable<Uint8Array>, level: ZstdLevel): AsyncGenerator<Uint8Array, void, void> {
  const queue: Promise<Uint8Array>[] = []
  try {
    for await (const block of blocksOf(source, { blockBytes: FRAME_BYTES, inFlight: FRAMES_IN_FLIGHT })) {
      queue.push(frame(block, level))
      if (queue.length >= FRAMES_IN_FLIGHT) yield* oldestOf(queue)
    }
    while (queue.length > 0) yield* oldestOf(queue)
  } finally {
    // A reader that stops early leaves frames in flight; nobody will ask how they ended.
    await Promise.allSettled(queue)
  }
}

const SKIPPABLE_HEADER_BYTES = 8

/** A frame that every reader skips (RFC 8878, 3.1.2), of `sizeBytes` in all. */
function skippable(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0x184d2a50, true)
  view.setUint32(4, sizeBytes - SKIPPABLE_HEADER_BYTES, true)
  return bytes
}

/**
 * A small content as one zstd frame and what it takes to make `targetBytes` of it, or as short as it gets when that is null.
 * null when it cannot be made that long: shorter than the compressed content, or longer by 1 to 7 bytes.
 */
export async function zstdSmall(content: Uint8Array, level: ZstdLevel, targetBytes: number | null): Promise<Uint8Array | null> {
  const shortest = await frame(content, level)
  const missing = targetBytes === null ? 0 : targetBytes - shortest.length
  if (missing === 0) return shortest
  return missing < SKIPPABLE_HEADER_BYTES ? null : joinBytes([shortest, skippable(missing)])
}
