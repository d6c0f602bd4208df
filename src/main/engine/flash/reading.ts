import { createHash } from 'node:crypto'
import type { HostFile } from '../host.ts'
import type { Range } from '../image/ranges.ts'
import { readAhead } from '../lib/file-streams.ts'

/** The stored bytes, as whoever unpacks them reads them; their sum is made on the way. */
export class Reading {
  readonly #file: HostFile
  readonly #signal: AbortSignal
  readonly #startedAt = performance.now()
  #readMs = 0
  #sha256: string | null

  constructor(file: HostFile, signal: AbortSignal, sha256: string | null) {
    this.#file = file
    this.#signal = signal
    this.#sha256 = sha256
  }

  get signal(): AbortSignal {
    return this.#signal
  }

  /** Whether most of the time goes into reading. */
  get waitsFor(): 'source' | 'decompression' {
    return this.#readMs > (performance.now() - this.#startedAt) / 2 ? 'source' : 'decompression'
  }

  async *bytes(): AsyncGenerator<Uint8Array, void, void> {
    const hash = this.#sha256 === null ? createHash('sha256') : null
    let waitsSince = performance.now()
    for await (const piece of readAhead(this.#file)) {
      this.#readMs += performance.now() - waitsSince
      this.#signal.throwIfAborted()
      hash?.update(piece)
      yield piece
      waitsSince = performance.now()
    }
    if (hash) this.#sha256 = hash.digest('hex')
  }

  /** Only these ranges. */
  async *bytesOf(ranges: readonly Range[]): AsyncGenerator<{ piece: Uint8Array; position: number }, void, void> {
    for (const { start, end } of ranges) {
      let position = start
      for await (const piece of readAhead(this.#file, start, end)) {
        this.#signal.throwIfAborted()
        yield { piece, position }
        position += piece.length
      }
    }
  }

  /** Reads the file unless that was done. */
  async sha256(): Promise<string> {
    if (this.#sha256 === null) for await (const _ of this.bytes());
    return this.#sha256 ?? ''
  }
}
