import { blocksOf } from '../blocks.ts'
import { hashWords, wordsOf } from './block-hash.ts'
import { blockBytesFor } from './patch-format.ts'
import { SampleIndex } from './samples.ts'

const PIECE_BYTES = 1 << 20

/** What is where in a base. Of blocks with the same content the first is found; of zeros none. Takes 10 to 16 bytes for each block. */
export class BaseIndex {
  readonly baseBytes: number
  readonly blockBytes: number
  readonly samples: SampleIndex
  readonly #hashes: Uint32Array
  readonly #mask: number
  /** Block numbers plus one, by hash; 0 is a free slot. */
  readonly #table: Uint32Array

  constructor(baseBytes: number) {
    this.baseBytes = baseBytes
    this.blockBytes = blockBytesFor(baseBytes)
    const blocks = Math.floor(baseBytes / this.blockBytes)
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, 1.25 * blocks)))
    this.samples = new SampleIndex(baseBytes, this.blockBytes)
    this.#hashes = new Uint32Array(blocks)
    this.#mask = slots - 1
    this.#table = new Uint32Array(slots)
  }

  /** Whole blocks. What stands behind the last of them is never referred to. */
  get blocks(): number {
    return this.#hashes.length
  }

  /** Takes the whole blocks of `bytes`, of which the first is this block of the base. */
  add(bytes: Uint8Array, block: number): void {
    const words = wordsOf(bytes)
    const count = Math.floor(bytes.length / this.blockBytes)
    for (let at = 0; at < count; at += 1) this.#addHash(block + at, this.hashOf(words, at))
    this.samples.add(bytes, block)
  }

  /** The hash of block number `at` of these words. */
  hashOf(words: Uint32Array, at: number): number {
    const blockWords = this.blockBytes / 4
    return hashWords(words, at * blockWords, (at + 1) * blockWords)
  }

  /** 0 for a block of zeros, and beyond either end. */
  hashAt(block: number): number {
    return this.#hashes[block] ?? 0
  }

  /** A block with this hash, or -1. */
  find(hash: number): number {
    return (this.#table[this.#slotOf(hash)] ?? 0) - 1
  }

  #addHash(block: number, hash: number): void {
    this.#hashes[block] = hash
    const slot = this.#slotOf(hash)
    if (hash !== 0 && this.#table[slot] === 0) this.#table[slot] = block + 1
  }

  #slotOf(hash: number): number {
    let slot = Math.imul(hash, 0x9e3779b1) & this.#mask
    for (let held = this.#table[slot] ?? 0; held !== 0 && this.#hashes[held - 1] !== hash; held = this.#table[slot] ?? 0) {
      slot = (slot + 1) & this.#mask
    }
    return slot
  }
}

/** Indexes a base as it comes. `onPiece` gets each piece, which is filled anew afterwards, with the byte it begins at. */
export async function indexBase(
  chunks: AsyncIterable<Uint8Array>,
  baseBytes: number,
  onPiece: (piece: Uint8Array, startsAt: number) => Promise<void> | void = () => undefined,
): Promise<BaseIndex> {
  const index = new BaseIndex(baseBytes)
  let startsAt = 0
  for await (const piece of blocksOf(chunks, { blockBytes: PIECE_BYTES, inFlight: 0 })) {
    if (startsAt + piece.length <= baseBytes) index.add(piece, startsAt / index.blockBytes)
    await onPiece(piece, startsAt)
    startsAt += piece.length
  }
  return index
}
