import type { Medium } from './medium.ts'
import { CHUNK_BYTES } from './protocol.ts'

const NONCE_BYTES = 16
const POSITION_AT = NONCE_BYTES

/**
 * How many bytes a card keeps in truth: counterfeit ones say more, and lose or overlay what lies behind. Writes a block at each doubling of
 * the position and at the end, and reads them all back. null when it keeps everything. `buffer` is aligned. The card is lost by this.
 */
export async function probeCapacity(medium: Medium, buffer: Uint8Array): Promise<number | null> {
  const { blockBytes, sizeBytes } = medium
  const block = buffer.subarray(0, blockBytes)
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const nonce = crypto.getRandomValues(Buffer.alloc(NONCE_BYTES))
  const positions = doublings(sizeBytes, blockBytes)
  try {
    // From the end on, so that what is overlaid is found in front.
    for (const position of positions.toReversed()) {
      block.fill(0).set(nonce)
      view.setBigUint64(POSITION_AT, BigInt(position))
      await medium.write(block, position)
    }
    await medium.sync()
    for (const position of positions) {
      await medium.read(block, position)
      if (!nonce.equals(block.subarray(0, NONCE_BYTES)) || Number(view.getBigUint64(POSITION_AT)) !== position) return position
    }
    return null
  } catch {
    // A card that fails at this as well has been reported for what it did before.
    return null
  }
}

function doublings(sizeBytes: number, blockBytes: number): number[] {
  const positions: number[] = []
  for (let at = CHUNK_BYTES; at < sizeBytes - blockBytes; at *= 2) positions.push(at)
  return [...positions, sizeBytes - blockBytes]
}
