import type { IMarker, Terminal } from '@xterm/xterm'

interface Stamp {
  marker: IMarker
  at: number
}

/** When each line on a terminal began. Stamps hang on markers, which move with their lines when the window gets another width. */
export class LineTimes {
  readonly #terminal: Terminal
  #stamps: Stamp[] = []

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Writes what came at a time; resolves when it is on the screen. */
  async write(bytes: Uint8Array, at: number): Promise<void> {
    const { active } = this.#terminal.buffer
    const isAtStart = active.cursorX === 0
    const before = this.#terminal.registerMarker(0)
    await new Promise<void>((resolve) => this.#terminal.write(bytes, resolve))
    if (isAtStart) return this.#keep(before, at)
    // The line that was begun has its time; the next one began now.
    const now = this.#terminal.buffer.active
    const below = before.line + 1 - (now.baseY + now.cursorY)
    if (before.line >= 0 && below <= 0) this.#keep(this.#terminal.registerMarker(below), at)
    before.dispose()
  }

  /** The time of a line of the buffer; null where nothing was printed. */
  at(line: number): number | null {
    return this.#stamps.findLast(({ marker }) => marker.line <= line)?.at ?? null
  }

  #keep(marker: IMarker, at: number): void {
    const last = this.#stamps.at(-1)
    // A line that is written over again, as a progress bar is, keeps the time at which it began.
    if (last && !last.marker.isDisposed && last.marker.line === marker.line) return marker.dispose()
    if (this.#stamps.some((each) => each.marker.isDisposed)) this.#stamps = this.#stamps.filter((each) => !each.marker.isDisposed)
    this.#stamps.push({ marker, at })
  }
}
