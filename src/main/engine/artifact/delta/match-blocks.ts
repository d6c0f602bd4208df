import type { BaseIndex } from './base-index.ts'
import { wordsOf } from './block-hash.ts'

/** Random access to the base. Fills `into` as far as the base goes and answers the bytes read. */
export interface Base {
  read(into: Uint8Array, position: number): Promise<number>
}

/** What a block of the image is: a block of the base by its number, zeros, or something that the base has not. */
export const ZEROS = -1
export const UNKNOWN = -2

/** Consecutive blocks of the image that come from consecutive ones of the base, or are all zeros, or all unknown. */
export interface Run {
  /** In the window. */
  start: number
  count: number
  /** Of the first of them: ZEROS, UNKNOWN, or the number of the block in the base. */
  source: number
}

const PROVE_BYTES = 256 * 1024
const BRIDGE_BYTES = 64 * 1024

/** Says of each whole block of an image, window by window from its start on, where it comes from. */
export class BlockMatcher {
  readonly #index: BaseIndex
  readonly #base: Base
  readonly #held = new Uint8Array(PROVE_BYTES)
  #position = 0
  /** How much further back or on the last block that was found lies in the base: the next ones probably do too. */
  #shift = 0

  constructor(index: BaseIndex, base: Base) {
    this.#index = index
    this.#base = base
  }

  /** Whole blocks; a shorter rest at the end is the caller's. */
  async match(window: Uint8Array): Promise<Int32Array> {
    const words = wordsOf(window)
    const sources = new Int32Array(Math.floor(window.length / this.#index.blockBytes))
    for (let at = 0; at < sources.length; at += 1) sources[at] = this.#sourceOf(this.#index.hashOf(words, at), this.#position + at)
    this.#bridge(sources)
    for (const run of runsOf(sources)) if (run.source >= 0) await this.#prove(run, sources, window)
    this.#position += sources.length
    return sources
  }

  #sourceOf(hash: number, position: number): number {
    if (hash === 0) return ZEROS
    const likely = [position + this.#shift, position].find((block) => this.#index.hashAt(block) === hash) ?? this.#index.find(hash)
    if (likely < 0) return UNKNOWN
    this.#shift = likely - position
    return likely
  }

  /** A few zeros inside of what is copied are copied with it. */
  #bridge(sources: Int32Array): void {
    const runs = runsOf(sources)
    for (const [at, { start, count, source }] of runs.entries()) {
      const [before, behind] = [runs[at - 1], runs[at + 1]]
      if (source !== ZEROS || count * this.#index.blockBytes > BRIDGE_BYTES || !before || !behind || before.source < 0) continue
      const first = before.source + before.count
      if (behind.source !== first + count) continue
      const isZeroToo = sources.subarray(start, start + count).every((_, offset) => this.#index.hashAt(first + offset) === 0)
      if (isZeroToo) for (let offset = 0; offset < count; offset += 1) sources[start + offset] = first + offset
    }
  }

  /** Equal hashes are no proof: what the base really holds there decides. */
  async #prove({ start, count, source }: Run, sources: Int32Array, window: Uint8Array): Promise<void> {
    const { blockBytes } = this.#index
    const perRead = PROVE_BYTES / blockBytes
    for (let at = 0; at < count; at += perRead) {
      const held = this.#held.subarray(0, Math.min(perRead, count - at) * blockBytes)
      const wanted = window.subarray((start + at) * blockBytes, (start + at) * blockBytes + held.length)
      await this.#base.read(held, (source + at) * blockBytes)
      if (Buffer.compare(held, wanted) === 0) continue
      for (let from = 0; from < held.length; from += blockBytes) {
        const isSame = Buffer.compare(held.subarray(from, from + blockBytes), wanted.subarray(from, from + blockBytes)) === 0
        if (!isSame) sources[start + at + from / blockBytes] = UNKNOWN
      }
    }
  }
}

/** The sources in runs. */
export function runsOf(sources: Int32Array): Run[] {
  const runs: Run[] = []
  for (const [start, source] of sources.entries()) {
    const last = runs.at(-1)
    if (last && source === (last.source < 0 ? last.source : last.source + last.count)) last.count += 1
    else runs.push({ start, count: 1, source })
  }
  return runs
}
