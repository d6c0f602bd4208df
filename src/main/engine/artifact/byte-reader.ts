import { invalid } from './invalid.ts'

const EMPTY = new Uint8Array(0)

/** Reads a stream of chunks by byte counts, with nothing buffered but the chunk at hand. `label` names the stream in errors. */
export class ByteReader {
  readonly label: string
  readonly #source: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = EMPTY
  #position = 0

  constructor(source: AsyncIterable<Uint8Array>, label: string) {
    this.label = label
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position
  }

  /** Exactly `count` bytes in one piece; ARTIFACT_INVALID when the stream ends before. */
  async read(count: number, what: string): Promise<Uint8Array> {
    if (this.#chunk.length >= count) return this.#cut(count)
    const whole = new Uint8Array(count)
    let filled = 0
    for await (const piece of this.take(count, what)) {
      whole.set(piece, filled)
      filled += piece.length
    }
    return whole
  }

  /** The next `count` bytes in the pieces they come in. */
  async *take(count: number, what: string): AsyncGenerator<Uint8Array, void, void> {
    for (let left = count; left > 0;) {
      if (!(await this.#fill())) throw invalid(`${this.label} ends at byte ${this.#position}, ${left} bytes before the end of ${what}`)
      const piece = this.#cut(Math.min(left, this.#chunk.length))
      left -= piece.length
      yield piece
    }
  }

  /** Whatever comes next, or null at the end of the stream. */
  async readAny(): Promise<Uint8Array | null> {
    return (await this.#fill()) ? this.#cut(this.#chunk.length) : null
  }

  /** Whether nothing is left to read. */
  async isAtEnd(): Promise<boolean> {
    return !(await this.#fill())
  }

  /** Lets the source close what it holds. */
  async close(): Promise<void> {
    await this.#source.return?.()
  }

  #cut(count: number): Uint8Array {
    const piece = this.#chunk.subarray(0, count)
    this.#chunk = this.#chunk.subarray(count)
    this.#position += count
    return piece
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#source.next()
      if (next.done) return false
      this.#chunk = next.value
    }
    return true
  }
}
