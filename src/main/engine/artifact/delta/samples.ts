/**
 * Finds where similar content lies, at whatever byte it begins. Places are chosen by the content itself: where a rolling hash over 32
 * bytes has zeros on top, so the same bytes choose the same places wherever they have moved.
 */

const WINDOW_BYTES = 32

/** Of each byte value, a number whose bits are as good as drawn. */
const GEAR = (() => {
  let state = 0x2545f491
  return Uint32Array.from({ length: 256 }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  })
})()

/** Calls `found` with a key of the 32 bytes that end at each chosen place, one in 2^`spacingLog` bytes or so. */
function sample(bytes: Uint8Array, spacingLog: number, found: (key: number, at: number) => void): void {
  const shift = 32 - spacingLog
  let rolling = 0
  for (let at = 0; at < bytes.length; at += 1) {
    rolling = ((rolling << 1) + (GEAR[bytes[at] ?? 0] ?? 0)) | 0
    if (rolling >>> shift === 0 && at >= WINDOW_BYTES) found(keyOf(bytes, at), at)
  }
}

function keyOf(bytes: Uint8Array, end: number): number {
  let key = 0x811c9dc5
  for (let at = end - WINDOW_BYTES + 1; at <= end; at += 1) key = Math.imul(key ^ (bytes[at] ?? 0), 0x01000193)
  return (key ^ (key >>> 15)) >>> 0 || 1
}

/** Places are kept as dense as this at most, and of all of a base never more than 2^20. */
const SPACING_LOG_MIN = 10
const SAMPLES_LOG_MAX = 20

/** Where in the base sampled content lies, by block. Of content that is there twice, the first place. */
export class SampleIndex {
  readonly #blockBytes: number
  readonly #spacingLog: number
  readonly #mask: number
  readonly #keys: Uint32Array
  readonly #blocks: Uint32Array
  #room: number

  constructor(baseBytes: number, blockBytes: number) {
    this.#blockBytes = blockBytes
    this.#spacingLog = Math.max(SPACING_LOG_MIN, Math.ceil(Math.log2(Math.max(1, baseBytes))) - SAMPLES_LOG_MAX)
    const slots = 2 ** Math.ceil(Math.log2(Math.max(64, (2 * baseBytes) / 2 ** this.#spacingLog)))
    this.#mask = slots - 1
    this.#room = (slots * 3) / 4
    this.#keys = new Uint32Array(slots)
    this.#blocks = new Uint32Array(slots)
  }

  /** Takes samples of a piece of the base that begins with this block. */
  add(bytes: Uint8Array, block: number): void {
    sample(bytes, this.#spacingLog, (key, at) => {
      const slot = this.#slotOf(key)
      if (this.#keys[slot] !== 0 || this.#room <= 0) return
      this.#room -= 1
      this.#keys[slot] = key
      this.#blocks[slot] = block + Math.floor(at / this.#blockBytes)
    })
  }

  /** Calls `found` with a block of the base for each sample of `bytes` that is known. */
  search(bytes: Uint8Array, found: (block: number) => void): void {
    sample(bytes, this.#spacingLog, (key) => {
      const slot = this.#slotOf(key)
      if (this.#keys[slot] === key) found(this.#blocks[slot] ?? 0)
    })
  }

  /** The slot of this key, or the free one where it would go. */
  #slotOf(key: number): number {
    let slot = Math.imul(key, 0x9e3779b1) & this.#mask
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & this.#mask
    return slot
  }
}
