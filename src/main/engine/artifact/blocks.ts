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
