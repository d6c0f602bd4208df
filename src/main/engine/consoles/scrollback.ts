/** So much of what was printed is kept of each console, for who comes later. */
const KEPT_BYTES = 1 << 20
/** What comes within so short a time counts as one. */
const TOGETHER_MS = 20
const PIECE_BYTES = 4096

interface Piece {
  /** Bytes before it, since the console was opened. */
  start: number
  at: number
  bytes: Uint8Array
}

/** The end of what a console printed, with the times at which it came. */
export class Scrollback {
  readonly #kept: number
  readonly #pieces: Piece[] = []
  #end = 0

  constructor(keptBytes = KEPT_BYTES) {
    this.#kept = keptBytes
  }

  /** How many bytes there were in all. */
  get end(): number {
    return this.#end
  }

  append(bytes: Uint8Array, at: number): void {
    const last = this.#pieces.at(-1)
    if (last && Math.abs(at - last.at) <= TOGETHER_MS && last.bytes.length + bytes.length <= PIECE_BYTES)
      last.bytes = Buffer.concat([last.bytes, bytes])
    else this.#pieces.push({ start: this.#end, at, bytes: Uint8Array.from(bytes) })
    this.#end += bytes.length
    while ((this.#pieces[0]?.start ?? 0) + (this.#pieces[0]?.bytes.length ?? 0) < this.#end - this.#kept) this.#pieces.shift()
  }

  /** What came behind `position`, as far as it is kept, in pieces; the first may begin later than asked for. */
  after(position: number): Piece[] {
    return this.#pieces
      .filter(({ start, bytes }) => start + bytes.length > position)
      .map(({ start, at, bytes }) => {
        const skip = Math.max(0, position - start)
        return { start: start + skip, at, bytes: bytes.subarray(skip) }
      })
  }
}
