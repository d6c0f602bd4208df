import type { Clock } from '../host.ts'
import type { LineLog } from '../lib/line-log.ts'
import { SerialLines } from './serial-lines.ts'

export interface ConsoleLine {
  at: number
  text: string
}

const KEPT_LINES = 500
const KEPT_BYTES = 64 * 1024

/** The serial console of a board: goes to a log in any case, and to everybody who listens. */
export class BoardConsole {
  readonly #clock: Clock
  readonly #log: Pick<LineLog, 'add'>
  readonly #listeners = new Set<(bytes: Uint8Array) => void>()
  readonly #lines: ConsoleLine[] = []
  readonly #cutter: SerialLines
  #recent: Uint8Array = new Uint8Array()
  #lastHeardAt = 0

  constructor(clock: Clock, log: Pick<LineLog, 'add'>, onLine: (line: string) => void) {
    this.#clock = clock
    this.#log = log
    this.#cutter = new SerialLines((text) => {
      this.#lines.push({ at: clock.now(), text })
      if (this.#lines.length > KEPT_LINES) this.#lines.shift()
      onLine(text)
    })
  }

  /** The newest lines, the oldest first. */
  get lines(): readonly ConsoleLine[] {
    return this.#lines
  }

  /** What came last, as it came: a terminal begins with it. */
  get recent(): Uint8Array {
    return this.#recent
  }

  /** When something came, or the power was switched on. */
  get lastHeardAt(): number {
    return this.#lastHeardAt
  }

  add(bytes: Uint8Array): void {
    this.#lastHeardAt = this.#clock.now()
    this.#log.add(bytes)
    this.#recent = Buffer.concat([this.#recent, bytes]).subarray(-KEPT_BYTES)
    for (const listener of this.#listeners) listener(bytes)
    this.#cutter.add(bytes)
  }

  /** The board is switched on, or starts anew: what it was in the midst of saying is all that comes of it. */
  begin(): void {
    this.#cutter.end()
    this.#lastHeardAt = this.#clock.now()
  }

  /** What came last, then all that comes, none of it left out; ends when the signal aborts. */
  async *follow(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const waiting: Uint8Array[] = this.#recent.length > 0 ? [this.#recent] : []
    let arrived = Promise.withResolvers<void>()
    const wake = (): void => arrived.resolve()
    const stop = this.onBytes((bytes) => {
      waiting.push(bytes)
      wake()
    })
    signal?.addEventListener('abort', wake, { once: true })
    try {
      while (!signal?.aborted) {
        arrived = Promise.withResolvers<void>()
        if (waiting.length > 0) yield Buffer.concat(waiting.splice(0))
        else await arrived.promise
      }
    } finally {
      stop()
      signal?.removeEventListener('abort', wake)
    }
  }

  /** Calls `listener` with all that comes in. Answers how to stop. */
  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
