import { crc32 } from 'node:zlib'
import { joinBytes } from './tar-write.ts'

/**
 * The xz data that costs its reader most for what it holds: LZMA that repeats one byte at a time, each by four decisions of the range
 * coder, where a usual encoder repeats 273 at once. It packs about 90 to 1. Written by hand, because no encoder would make it.
 */
export function slowXz(sizeBytes: number, content = 0): Uint8Array {
  const chunks: Uint8Array[] = []
  const model = new Model()
  for (let left = sizeBytes; left > 0;) {
    const count = Math.min(left, CHUNK_BYTES)
    const isFirst = left === sizeBytes
    const coder = new RangeCoder()
    if (isFirst) model.literal(coder, content)
    for (let at = isFirst ? 1 : 0; at < count; at += 1) model.repeatOne(coder)
    const packed = coder.end()
    // LZMA2 chunk: 0xe0 resets everything and brings properties (lc, lp and pb are 0), 0x80 goes on.
    const head = [(isFirst ? 0xe0 : 0x80) | ((count - 1) >> 16), ((count - 1) >> 8) & 255, (count - 1) & 255]
    chunks.push(Uint8Array.from([...head, (packed.length - 1) >> 8, (packed.length - 1) & 255, ...(isFirst ? [0] : [])]), packed)
    left -= count
  }
  return stream(joinBytes([...chunks, Uint8Array.of(0)]), sizeBytes)
}

const CHUNK_BYTES = 1 << 20

/** The adaptive bits that this content meets. */
class Model {
  #state = 0
  readonly #isMatch = new Uint16Array(12).fill(1024)
  readonly #isRep = new Uint16Array(12).fill(1024)
  readonly #isRepNotFirst = new Uint16Array(12).fill(1024)
  readonly #isRepLong = new Uint16Array(12).fill(1024)
  readonly #literals = new Uint16Array(0x300).fill(1024)

  literal(coder: RangeCoder, byte: number): void {
    coder.bit(this.#isMatch, this.#state, 0)
    for (let symbol = 1, bit = 7; bit >= 0; bit -= 1) {
      const value = (byte >> bit) & 1
      coder.bit(this.#literals, symbol, value)
      symbol = (symbol << 1) | value
    }
  }

  repeatOne(coder: RangeCoder): void {
    coder.bit(this.#isMatch, this.#state, 1)
    coder.bit(this.#isRep, this.#state, 1)
    coder.bit(this.#isRepNotFirst, this.#state, 0)
    coder.bit(this.#isRepLong, this.#state, 0)
    this.#state = this.#state < 7 ? 9 : 11
  }
}

/** LZMA's range coder, as its decoder undoes it. */
class RangeCoder {
  #low = 0
  #range = 0xffffffff
  #cache = 0
  #pending = 1
  readonly #out: number[] = []

  bit(probabilities: Uint16Array, index: number, value: number): void {
    const probability = probabilities[index] ?? 0
    const bound = (this.#range >>> 11) * probability
    if (value === 0) {
      this.#range = bound
      probabilities[index] = probability + ((2048 - probability) >> 5)
    } else {
      this.#low += bound
      this.#range -= bound
      probabilities[index] = probability - (probability >> 5)
    }
    while (this.#range < 2 ** 24) {
      this.#range = (this.#range * 256) >>> 0
      this.#shift()
    }
  }

  end(): Uint8Array {
    for (let count = 0; count < 5; count += 1) this.#shift()
    return Uint8Array.from(this.#out)
  }

  #shift(): void {
    if (this.#low < 0xff000000 || this.#low >= 2 ** 32) {
      const carry = this.#low >= 2 ** 32 ? 1 : 0
      for (let byte = this.#cache; this.#pending > 0; this.#pending -= 1, byte = 0xff) this.#out.push((byte + carry) & 255)
      this.#cache = Math.floor(this.#low / 2 ** 24) & 255
    }
    this.#pending += 1
    this.#low = (this.#low % 2 ** 24) * 256
  }
}

/** One xz stream of one block without a check. */
function stream(lzma2: Uint8Array, sizeBytes: number): Uint8Array {
  // Block header: 12 bytes, one filter, LZMA2 (id 0x21) with a dictionary of 1 MiB.
  const blockHeader = withCrc(Uint8Array.of(2, 0, 0x21, 1, 16, 0, 0, 0))
  const unpaddedBytes = blockHeader.length + lzma2.length
  const records = [0, 1, ...digits(unpaddedBytes), ...digits(sizeBytes)]
  const index = withCrc(Uint8Array.from([...records, ...Array.from({ length: -records.length & 3 }, () => 0)]))
  const flags = Uint8Array.of(0, 0)
  const backward = joinBytes([uint32(index.length / 4 - 1), flags])
  return joinBytes([
    ...[Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), withCrc(flags)],
    ...[blockHeader, lzma2, new Uint8Array(-unpaddedBytes & 3), index],
    ...[uint32(crc32(backward)), backward, Uint8Array.of(0x59, 0x5a)],
  ])
}

function withCrc(part: Uint8Array): Uint8Array {
  return joinBytes([part, uint32(crc32(part))])
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

/** A number in digits of seven bits, the least first. */
function digits(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...digits(Math.floor(value / 0x80))]
}
