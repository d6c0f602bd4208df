import { release } from './release.ts'

/** How a stream is cut: bytes a block, and how many earlier blocks must stay as they are while the next one is filled. */
export interface BlockOptions {
  blockBytes: number
  inFlight: number
}

/** The stream in blocks of one size, the last one shorter. A block is filled anew when `inFlight` others have come after it. */
export async function* blocksOf(
  source: AsyncIterable<Uint8Array>,
  { blockBytes, inFlight }: BlockOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const ring: Uint8Array[] = []
  let count = 0
  let filled = 0
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      const block = (ring[count % (inFlight + 1)] ??= new Uint8Array(blockBytes))
      const piece = chunk.subarray(at, at + blockBytes - filled)
      block.set(piece, filled)
      filled += piece.length
      at += piece.length
      if (filled < blockBytes) continue
      yield block
      count += 1
      filled = 0
    }
  }
  const rest = ring[count % (inFlight + 1)]
  if (filled > 0 && rest) yield rest.subarray(0, filled)
}

const PIECE_BYTES = 64 * 1024

/** Bytes in memory as a stream, in pieces of 64 KiB: what takes one piece at a time never holds a copy of all. */
export async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield await Promise.resolve(bytes.subarray(at, at + PIECE_BYTES))
}

/** The first of the queue, whose memory goes back when it has been taken. */
export async function* oldestOf(queue: Promise<Uint8Array>[]): AsyncGenerator<Uint8Array, void, void> {
  const oldest = await queue.shift()
  if (!oldest) return
  yield oldest
  release(oldest)
}
