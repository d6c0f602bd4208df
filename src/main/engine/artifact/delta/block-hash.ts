/** The bytes as 32-bit words. They must begin at a multiple of four of their buffer, as whole blocks of a buffer of one's own do. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
}

/**
 * A hash of the words [start, end), an even number of them; 0 when all are zeros, and only then. Equal hashes are no proof: who copies
 * compares the bytes.
 */
export function hashWords(words: Uint32Array, start: number, end: number): number {
  if (isZero(words, start, end)) return 0
  let [a, b] = [0x9e3779b9, 0x85ebca6b]
  for (let index = start; index < end; index += 2) {
    a = Math.imul(a ^ (words[index] ?? 0), 0xcc9e2d51)
    a ^= a >>> 15
    b = Math.imul(b ^ (words[index + 1] ?? 0), 0x1b873593)
    b ^= b >>> 13
  }
  return Math.imul(a ^ (b << 7) ^ (b >>> 25), 0x2c1b3c6d) >>> 0 || 1
}

function isZero(words: Uint32Array, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) if (words[index] !== 0) return false
  return true
}
