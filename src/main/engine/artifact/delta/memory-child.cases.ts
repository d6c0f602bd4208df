import { indexBase } from './base-index.ts'
import { makePatch } from './make-patch.ts'

// Started by memory.test.ts: makes a patch between two large images, of which nothing is kept, and says how much memory that took.

const SIZE_BYTES = 2 ** 29
const CHUNK_BYTES = 512 * 1024

/** Bytes of the base, or of the image: the same but for a stretch of changed words in every eighth MiB. */
function fill(into: Uint8Array, position: number, isImage: boolean): void {
  const words = new Uint32Array(into.buffer, into.byteOffset, into.length / 4)
  for (let at = 0; at < words.length; at += 1) {
    const place = position / 4 + at
    words[at] = Math.imul(place ^ (place >>> 13), 0x9e3779b1) ^ Math.imul(place >>> 10, 0x85ebca6b)
  }
  if (!isImage || position % (8 << 20) !== 0) return
  for (let at = 0; at < words.length; at += 500) words[at] = 0x5555
}

async function* chunks(isImage: boolean): AsyncGenerator<Uint8Array, void, void> {
  const chunk = new Uint8Array(CHUNK_BYTES)
  for (let position = 0; position < SIZE_BYTES; position += CHUNK_BYTES) {
    fill(chunk, position, isImage)
    yield await Promise.resolve(chunk)
  }
}

const base = {
  read: (into: Uint8Array, position: number) => {
    fill(into, position, false)
    return Promise.resolve(into.length)
  },
}

const before = process.resourceUsage().maxRSS
const index = await indexBase(chunks(false), SIZE_BYTES)
const input = { base, baseSha256: '0'.repeat(64), index, imageBytes: SIZE_BYTES, image: chunks(true) }
for await (const _ of makePatch(input, () => undefined));
console.log(Math.round((process.resourceUsage().maxRSS - before) / 1024))
