// Where the values of msgpack begin and end (the specification's table of formats), without reading them.

interface Shape {
  /** Bytes of the value itself: tag, length and content; of a map or an array the tag and the count alone. */
  sizeBytes: number
  /** Values that follow as its content. */
  children: number
}

type Bytes = Uint8Array

/** Tags with a length of 1, 2 or 4 bytes behind them, by the first of the three; `extra` is an extension's type. */
const LENGTHS: readonly [tag: number, extra: number][] = [
  [0xc4, 0],
  [0xc7, 1],
  [0xd9, 0],
]

/** Content bytes behind a tag that says all. */
const FIXED: Readonly<Record<number, number>> = {
  ...{ 0xc0: 0, 0xc2: 0, 0xc3: 0 },
  ...{ 0xca: 4, 0xcb: 8 },
  ...{ 0xcc: 1, 0xcd: 2, 0xce: 4, 0xcf: 8, 0xd0: 1, 0xd1: 2, 0xd2: 4, 0xd3: 8 },
  ...{ 0xd4: 2, 0xd5: 3, 0xd6: 5, 0xd7: 9, 0xd8: 17 },
}

/** Tags of arrays and maps with a count of 2 or 4 bytes: how wide it is, and the values an entry has. */
const COUNTS: Readonly<Record<number, [countBytes: number, values: number]>> = { 0xdc: [2, 1], 0xdd: [4, 1], 0xde: [2, 2], 0xdf: [4, 2] }

/** The entries of a map with text keys, each value as its bytes; null for anything else, and for more than 64 entries. */
export function mapEntries(bytes: Bytes): Map<string, Bytes> | null {
  const shape = shapeAt(bytes, 0)
  const tag = bytes[0] ?? 0
  if (!shape || shape.children > 128 || !isMap(tag)) return null
  const entries = new Map<string, Bytes>()
  let at = shape.sizeBytes
  for (let index = 0; index < shape.children; index += 2) {
    const valueAt = endOf(bytes, at)
    const end = valueAt === null ? null : endOf(bytes, valueAt)
    const name = textAt(bytes, at)
    if (valueAt === null || end === null || name === null) return null
    entries.set(name, bytes.subarray(valueAt, end))
    at = end
  }
  return entries
}

/** How many bytes follow the first value; null when there is no whole value. */
export function bytesAfter(bytes: Bytes): number | null {
  const end = endOf(bytes, 0)
  return end === null ? null : bytes.length - end
}

/** Where the value that begins at `start` ends, with all that is in it; null when it is cut off or no msgpack. */
function endOf(bytes: Bytes, start: number): number | null {
  let at = start
  for (let left = 1; left > 0; left -= 1) {
    const shape = shapeAt(bytes, at)
    if (!shape) return null
    at += shape.sizeBytes
    left += shape.children
    if (at > bytes.length) return null
  }
  return at
}

function shapeAt(bytes: Bytes, at: number): Shape | null {
  const tag = bytes[at]
  if (tag === undefined) return null
  if (tag < 0x80 || tag >= 0xe0) return { sizeBytes: 1, children: 0 }
  if (tag < 0x90) return { sizeBytes: 1, children: 2 * (tag & 0x0f) }
  if (tag < 0xa0) return { sizeBytes: 1, children: tag & 0x0f }
  if (tag < 0xc0) return { sizeBytes: 1 + (tag & 0x1f), children: 0 }
  const fixed = FIXED[tag]
  if (fixed !== undefined) return { sizeBytes: 1 + fixed, children: 0 }
  const counted = COUNTS[tag]
  if (counted) return { sizeBytes: 1 + counted[0], children: counted[1] * numberAt(bytes, at + 1, counted[0]) }
  for (const [first, extra] of LENGTHS) {
    if (tag < first || tag > first + 2) continue
    const lengthBytes = 1 << (tag - first)
    return { sizeBytes: 1 + lengthBytes + extra + numberAt(bytes, at + 1, lengthBytes), children: 0 }
  }
  return null
}

/** Big-endian; bytes past the end count as 0, and the value is found to be cut off all the same. */
function numberAt(bytes: Bytes, at: number, lengthBytes: number): number {
  let value = 0
  for (let index = 0; index < lengthBytes; index += 1) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}

const isMap = (tag: number): boolean => (tag >= 0x80 && tag < 0x90) || tag === 0xde || tag === 0xdf

/** The text at `at`; null for a value of another kind, or text longer than 255 bytes. */
function textAt(bytes: Bytes, at: number): string | null {
  const tag = bytes[at] ?? 0
  const [headBytes, lengthBytes] = tag >= 0xa0 && tag < 0xc0 ? [1, tag & 0x1f] : tag === 0xd9 ? [2, bytes[at + 1] ?? 0] : [0, 0]
  return headBytes === 0 ? null : Buffer.from(bytes.subarray(at + headBytes, at + headBytes + lengthBytes)).toString()
}
