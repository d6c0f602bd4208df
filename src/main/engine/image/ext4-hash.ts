/**
 * The hashes by which a folder's index orders names. Each is of 32 bits, of which the lowest is left free for the index: it says that
 * names of the same hash begin in the block before.
 */
export interface Hashing {
  /** 0 legacy, 1 half MD4, 2 TEA. */
  version: number
  /** Whether bytes over 127 count as negative numbers, as on the machine that made the file system. */
  isSigned: boolean
  /** s_hash_seed */
  seed: readonly number[]
}

const DEFAULT_SEED = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
/** What no name may have: the mark of the end. */
const END = 0xffff_fffe

/** null for a version that is not understood. */
export function hashOf(name: Uint8Array, { version, isSigned, seed }: Hashing): number | null {
  const start = seed.some((word) => word !== 0) ? seed : DEFAULT_SEED
  const bytes = isSigned ? Int8Array.from(name) : name
  const hash =
    version === 0 ? legacy(bytes) : version === 1 ? chunked(bytes, start, halfMd4) : version === 2 ? chunked(bytes, start, tea) : null
  if (hash === null) return null
  const even = (hash & ~1) >>> 0
  return even === END ? END - 2 : even
}

function legacy(bytes: Int8Array | Uint8Array): number {
  let [hash0, hash1] = [0x12a3_fe2d, 0x37ab_e8f9]
  for (const byte of bytes) {
    let hash = (hash1 + (hash0 ^ Math.imul(byte, 7_152_373))) >>> 0
    if (hash & 0x8000_0000) hash = (hash - 0x7fff_ffff) >>> 0
    hash1 = hash0
    hash0 = hash
  }
  return (hash0 << 1) >>> 0
}

interface Rounds {
  words: number
  /** Mixes the words of a piece of the name into the state. */
  mix: (state: Uint32Array, words: Uint32Array) => void
  /** Which word of the state is the hash. */
  result: number
}

function chunked(bytes: Int8Array | Uint8Array, seed: readonly number[], { words, mix, result }: Rounds): number {
  const state = Uint32Array.from(seed)
  for (let at = 0; at < bytes.length; at += words * 4) mix(state, wordsOf(bytes.subarray(at), words))
  return state[result] ?? 0
}

/** A piece of a name as words, filled up with its length. */
function wordsOf(bytes: Int8Array | Uint8Array, count: number): Uint32Array {
  const pad = (bytes.length | (bytes.length << 8) | (bytes.length << 16) | (bytes.length << 24)) >>> 0
  const words = new Uint32Array(count).fill(pad)
  const used = Math.min(bytes.length, count * 4)
  for (let at = 0; at < used; at++) {
    const before = at % 4 === 0 ? pad : (words[at >> 2] ?? 0)
    words[at >> 2] = ((bytes[at] ?? 0) + (before << 8)) >>> 0
  }
  return words
}

const tea: Rounds = {
  words: 4,
  result: 0,
  mix: (state, [a = 0, b = 0, c = 0, d = 0]) => {
    let [x = 0, y = 0] = state
    let sum = 0
    for (let round = 0; round < 16; round++) {
      sum = (sum + 0x9e37_79b9) >>> 0
      x = (x + (((y << 4) + a) ^ (y + sum) ^ ((y >>> 5) + b))) >>> 0
      y = (y + (((x << 4) + c) ^ (x + sum) ^ ((x >>> 5) + d))) >>> 0
    }
    state[0] = (state[0] ?? 0) + x
    state[1] = (state[1] ?? 0) + y
  },
}

/** Three rounds of MD4: the function, its constant, the shifts, and the order of the words. */
const MD4_ROUNDS = [
  { f: (x: number, y: number, z: number) => z ^ (x & (y ^ z)), constant: 0, shifts: [3, 7, 11, 19], order: [0, 1, 2, 3, 4, 5, 6, 7] },
  {
    f: (x: number, y: number, z: number) => (x & y) + ((x ^ y) & z),
    constant: 0x5a82_7999,
    shifts: [3, 5, 9, 13],
    order: [1, 3, 5, 7, 0, 2, 4, 6],
  },
  { f: (x: number, y: number, z: number) => x ^ y ^ z, constant: 0x6ed9_eba1, shifts: [3, 9, 11, 15], order: [3, 7, 2, 6, 1, 5, 0, 4] },
] as const

const halfMd4: Rounds = {
  words: 8,
  result: 1,
  mix: (state, words) => {
    let [a = 0, b = 0, c = 0, d = 0] = state
    for (const { f, constant, shifts, order } of MD4_ROUNDS) {
      for (const [step, index] of order.entries()) {
        const shift = shifts[step % 4] ?? 0
        const sum = (a + f(b, c, d) + (words[index] ?? 0) + constant) >>> 0
        const turned = ((sum << shift) | (sum >>> (32 - shift))) >>> 0
        ;[a, d, c, b] = [d, c, b, turned]
      }
    }
    state[0] = (state[0] ?? 0) + a
    state[1] = (state[1] ?? 0) + b
    state[2] = (state[2] ?? 0) + c
    state[3] = (state[3] ?? 0) + d
  },
}
