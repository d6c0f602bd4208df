import { invalid } from './invalid.ts'

/**
 * Counts the parts of compressed data that hold next to nothing: each costs more than it holds, and no writer makes many of them.
 * `what` names them in the error, of which `max` are accepted.
 */
export class Trifles {
  readonly #what: string
  readonly #smallBytes: number
  readonly #max: number
  #count = 0

  constructor(what: string, limits: { smallBytes: number; max: number }) {
    this.#what = what
    this.#smallBytes = limits.smallBytes
    this.#max = limits.max
  }

  /** Sees a part of `contentBytes`; ARTIFACT_INVALID when it is one small part too many. */
  see(contentBytes: number): void {
    if (contentBytes >= this.#smallBytes) return
    this.#count += 1
    if (this.#count > this.#max) throw invalid(`${this.#what}: more than ${this.#max} of less than ${this.#smallBytes} bytes`)
  }
}
