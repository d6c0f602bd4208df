import { crc32 } from 'node:zlib'
import { blocksOf } from './blocks.ts'
import type { Content } from './tar-tree.ts'

/** The most that a stored block of deflate holds. */
const BLOCK_BYTES = 65_535

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)
const TRAILER_BYTES = 8

/**
 * The content as a gzip that compresses nothing (RFC 1951, section 3.2.4). For a payload file that must be one: the artifact compresses
 * it with everything else, once, and its size is known before it is read.
 */
export function storedGzip({ sizeBytes, chunks }: Content): Content {
  const blocks = Math.max(1, Math.ceil(sizeBytes / BLOCK_BYTES))
  async function* stored(): AsyncGenerator<Uint8Array, void, void> {
    yield HEADER
    let sum = 0
    let left = sizeBytes
    for await (const block of blocksOf(chunks(), { blockBytes: BLOCK_BYTES, inFlight: 2 })) {
      sum = crc32(block, sum)
      left -= block.length
      yield blockHead(block.length, left <= 0)
      yield block
    }
    if (sizeBytes === 0) yield blockHead(0, true)
    const trailer = new DataView(new ArrayBuffer(TRAILER_BYTES))
    trailer.setUint32(0, sum, true)
    trailer.setUint32(4, sizeBytes % 2 ** 32, true)
    yield new Uint8Array(trailer.buffer)
  }
  return { sizeBytes: HEADER.length + 5 * blocks + sizeBytes + TRAILER_BYTES, chunks: stored }
}

function blockHead(length: number, isLast: boolean): Uint8Array {
  const other = ~length & 0xffff
  return Uint8Array.of(isLast ? 1 : 0, length & 0xff, length >> 8, other & 0xff, other >> 8)
}
