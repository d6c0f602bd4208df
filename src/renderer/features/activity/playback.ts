import { type CastEvent, readCast, shortened } from '@contract/asciicast.ts'

/** What a recording is shown on. */
export interface Screen {
  write(text: string): void
  resize(columns: number, rows: number): void
  /** Empty, as at the beginning. */
  reset(): void
}

/** A recording as it is played: any moment of it can be shown. Long pauses are shortened. */
export class Playback {
  readonly columns: number
  readonly rows: number
  readonly endMs: number
  readonly #events: readonly CastEvent[]
  readonly #screen: Screen
  #shown = 0

  constructor(cast: string, screen: Screen) {
    const { columns, rows, events } = readCast(cast)
    this.columns = columns
    this.rows = rows
    this.#events = shortened(events)
    this.endMs = this.#events.at(-1)?.atMs ?? 0
    this.#screen = screen
  }

  /** Shows what was to be seen then. */
  show(atMs: number): void {
    const before = this.#events[this.#shown - 1]
    if (before !== undefined && before.atMs > atMs) {
      this.#shown = 0
      this.#screen.reset()
      this.#screen.resize(this.columns, this.rows)
    }
    for (let event = this.#events[this.#shown]; event !== undefined && event.atMs <= atMs; event = this.#events[this.#shown]) {
      if (event.kind === 'output') this.#screen.write(event.text)
      else this.#screen.resize(...sizeOf(event.text))
      this.#shown += 1
    }
  }
}

function sizeOf(text: string): [columns: number, rows: number] {
  const [columns = 80, rows = 24] = text.split('x').map(Number)
  return [columns, rows]
}
