/** Bitmaps as ext2, 3 and 4 keep them: one bit a block or an inode, the lowest bit of a byte first; 1 is in use. */

export interface Bits {
  start: number
  count: number
}

/** What is not in use among the first `length` bits. The bitmap may be changed behind what was answered last. */
export function* freeBits(bitmap: Uint8Array, length: number): Generator<Bits, void, void> {
  for (let at = 0; at < length;) {
    const start = skip(bitmap, at, length, true)
    const end = skip(bitmap, start, length, false)
    if (end > start) yield { start, count: end - start }
    at = end
  }
}

/** The first bit from `at` on that is not `value`; whole bytes at once where they are alike. */
function skip(bitmap: Uint8Array, at: number, length: number, value: boolean): number {
  const alike = value ? 0xff : 0
  let bit = at
  while (bit < length) {
    if ((bit & 7) === 0 && bitmap[bit >> 3] === alike) bit += 8
    else if (isSet(bitmap, bit) === value) bit += 1
    else break
  }
  return Math.min(bit, length)
}

export function isSet(bitmap: Uint8Array, bit: number): boolean {
  return (((bitmap[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1
}

/** Sets or clears bits; false when one of them had that value already, and the bitmap is then half changed. */
export function putBits(bitmap: Uint8Array, { start, count }: Bits, value: boolean): boolean {
  const [from, to] = value ? [0, 0xff] : [0xff, 0]
  for (let bit = start; bit < start + count;) {
    const at = bit >> 3
    if ((bit & 7) === 0 && bit + 8 <= start + count) {
      if (bitmap[at] !== from) return false
      bitmap[at] = to
      bit += 8
    } else {
      if (isSet(bitmap, bit) === value) return false
      bitmap[at] = (bitmap[at] ?? 0) ^ (1 << (bit & 7))
      bit += 1
    }
  }
  return true
}

/** Sets all bits from `length` on: what lies behind the end counts as in use. */
export function padBits(bitmap: Uint8Array, length: number): void {
  for (let bit = length; bit < bitmap.length * 8; bit++) bitmap[bit >> 3] = (bitmap[bit >> 3] ?? 0) | (1 << (bit & 7))
}
