import { parseJournalLine, parseSyslogLine } from './lines.ts'
import type { JournalSource } from './look.ts'

/** A line of the board's log, with its time by this machine's clock. */
export interface FollowedLine {
  at: number
  text: string
}

/** Clocks that agree this well are taken as the same: the times of the board are exact then. */
const SAME_CLOCK_MS = 2000

/** Gives each line its time by this machine's clock, and keeps them until somebody listens. */
export class FollowedLines {
  readonly #source: JournalSource
  readonly #now: () => number
  readonly #offsetMs: number
  readonly #early: FollowedLine[] = []
  #listener: ((line: FollowedLine) => void) | null = null
  #lastAt: number | null = null

  constructor(source: JournalSource, now: () => number) {
    this.#source = source
    this.#now = now
    const offsetMs = now() - source.nowMs
    this.#offsetMs = Math.abs(offsetMs) < SAME_CLOCK_MS ? 0 : offsetMs
  }

  add(line: string): void {
    const parsed = this.#source.file === null ? parseJournalLine(line) : parseSyslogLine(line, this.#source)
    if (parsed === null || parsed.text === '') return
    // The second line of a message came with the first.
    const at = parsed.at === null ? (this.#lastAt ?? this.#now()) : parsed.at + this.#offsetMs
    this.#lastAt = at
    const followed = { at, text: parsed.text }
    if (this.#listener === null) this.#early.push(followed)
    else this.#listener(followed)
  }

  listen(listener: (line: FollowedLine) => void): () => void {
    this.#listener = listener
    for (const line of this.#early.splice(0)) listener(line)
    return () => (this.#listener = () => undefined)
  }
}
