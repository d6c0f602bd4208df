import { createHash } from 'node:crypto'
import type { HostFile } from '../host.ts'
import type { Range } from '../image/ranges.ts'
import { readAhead } from '../lib/file-streams.ts'
import type { SumKind, Sums } from './witnesses.ts'

/** The stored bytes, as whoever unpacks them reads them; their SHA-256 is made on the way. */
export class Reading {
  readonly #file: HostFile
  readonly #signal: AbortSignal
  readonly #startedAt = performance.now()
  #readMs = 0
  readonly #sums: Record<SumKind, string | null>

  constructor(file: HostFile, signal: AbortSignal, known: Sums) {
    this.#file = file
    this.#signal = signal
    this.#sums = { ...known }
  }

  get signal(): AbortSignal {
    return this.#signal
  }

  /** Whether most of the time goes into reading. */
  get waitsFor(): 'source' | 'decompression' {
    return this.#readMs > (performance.now() - this.#startedAt) / 2 ? 'source' : 'decompression'
  }

  async *bytes(kinds: readonly SumKind[] = ['sha256']): AsyncGenerator<Uint8Array, void, void> {
    const hashes = kinds.filter((kind) => this.#sums[kind] === null).map((kind) => ({ kind, hash: createHash(kind) }))
    let waitsSince = performance.now()
    for await (const piece of readAhead(this.#file)) {
      this.#readMs += performance.now() - waitsSince
      this.#signal.throwIfAborted()
      for (const { hash } of hashes) hash.update(piece)
      yield piece
      waitsSince = performance.now()
    }
    for (const { kind, hash } of hashes) this.#sums[kind] = hash.digest('hex')
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
  async sums(kinds: readonly SumKind[]): Promise<Sums> {
    if (kinds.some((kind) => this.#sums[kind] === null)) for await (const _ of this.bytes(kinds));
    return this.#sums
  }
}
