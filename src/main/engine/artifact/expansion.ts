import { AppError } from '../../contract/errors.ts'
import { type Compression, decompress } from './compression.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'

/** Sees how many bytes a decoder has made, each time it has made some. */
export type ExpansionMeter = (bytes: number) => void

interface ExpansionOptions {
  compression: Compression
  /** What the artifact says that data/0000.tar has as stored. */
  storedBytes: number
  /** Whether all of them are known to be there. If not, what has come so far is what counts: a bomb may say that it is large. */
  isThere: boolean
  limits: Limits
  meter?: ExpansionMeter | undefined
}

const DATA = 'data/0000.tar'

/**
 * How far one data/0000.tar may expand: to `expandedFloor` bytes, or to `expandedRatio` times what is stored if that is more. Every
 * reader of payloads goes through it. Throws EXPANSION_LIMIT at the tar header that declares too much, or when too much has come.
 */
export class Expansion {
  readonly #options: ExpansionOptions
  #takenBytes = 0

  constructor(options: ExpansionOptions) {
    this.#options = options
  }

  get isCompressed(): boolean {
    return this.#options.compression !== 'none'
  }

  /** The content behind `stored`, as decompress says, up to the limit. */
  decompress(stored: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return this.isCompressed ? this.#expanded(stored) : stored
  }

  async *#expanded(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    let expandedBytes = 0
    for await (const chunk of decompress(this.#taken(stored), this.#options.compression, DATA)) {
      expandedBytes += chunk.length
      this.#options.meter?.(chunk.length)
      this.#hold(expandedBytes, 'expands to')
      yield chunk
    }
  }

  /** A tar header says that the entry it is of goes on to this byte of the expanded tar. */
  declare(endsAt: number): void {
    if (this.isCompressed) this.#hold(endsAt, 'declares')
  }

  async *#taken(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of stored) {
      this.#takenBytes += chunk.length
      yield chunk
    }
  }

  #hold(expandedBytes: number, does: 'expands to' | 'declares'): void {
    const { storedBytes, isThere, limits } = this.#options
    const bytes = isThere || does === 'declares' ? storedBytes : Math.min(storedBytes, this.#takenBytes)
    if (isWithin(expandedBytes, bytes, limits)) return
    const so = bytes === storedBytes ? 'it is stored in' : 'have come of it'
    throw new AppError('EXPANSION_LIMIT', `${DATA} ${does} ${ratioWords(expandedBytes, bytes, so)}, more than ${limitWords(limits)}`, HINT)
  }
}

const HINT =
  'An almost empty image does that, and so does a file made to fill memory and disks. If you know what it is, say --allow-expansion (to the server: ?allow_expansion=true).'

function isWithin(expandedBytes: number, storedBytes: number, { expandedFloor, expandedRatio }: Limits): boolean {
  return expandedBytes <= expandedFloor || expandedBytes <= expandedRatio * storedBytes
}

function ratioWords(expandedBytes: number, storedBytes: number, so: string): string {
  const ratio = Math.floor(expandedBytes / Math.max(1, storedBytes)).toLocaleString('en')
  return `${expandedBytes} bytes, ${ratio} times the ${storedBytes} that ${so}`
}

function limitWords({ expandedFloor, expandedRatio }: Limits): string {
  return `${expandedRatio} times and ${expandedFloor} bytes`
}

/** What is to be said to who writes an artifact that readers would refuse for its expansion: nothing of any other. */
export function expansionWarnings(expandedBytes: number, storedBytes: number): string[] {
  if (isWithin(expandedBytes, storedBytes, DEFAULT_LIMITS)) return []
  const words = ratioWords(expandedBytes, storedBytes, 'it is stored in')
  return [`the payload expands to ${words}: clients install it, but OTA Bench reads it only with --allow-expansion`]
}

/** A tar on its way into a compressor, counted. */
export class CountedTar implements AsyncIterable<Uint8Array> {
  readonly #tar: AsyncIterable<Uint8Array>
  bytes = 0

  constructor(tar: AsyncIterable<Uint8Array>) {
    this.#tar = tar
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    this.bytes = 0
    for await (const piece of this.#tar) {
      this.bytes += piece.length
      yield piece
    }
  }
}
