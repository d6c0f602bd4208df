/** Memory that nobody takes for so long is given back. */
const KEPT_MS = 10_000

/** Pieces of memory of one size for those who come and go: what one has left, the next takes, and it is not new memory each time. */
export class Pieces {
  readonly #sizeBytes: number
  #idle: Uint8Array[] = []
  #isTimed = false

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes
  }

  /** One that is as it was left; dispose of the answer to leave it. */
  take(): { piece: Uint8Array } & Disposable {
    const piece = this.#idle.pop() ?? new Uint8Array(this.#sizeBytes)
    return { piece, [Symbol.dispose]: () => this.#leave(piece) }
  }

  #leave(piece: Uint8Array): void {
    this.#idle.push(piece)
    if (this.#isTimed) return
    this.#isTimed = true
    setTimeout(() => {
      this.#isTimed = false
      this.#idle = []
    }, KEPT_MS).unref()
  }
}
