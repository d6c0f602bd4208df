import { toAppError } from '../../contract/errors.ts'
import type { Board } from './board.ts'

interface Undo {
  what: string
  /** null: it cannot be undone. */
  onBoard: ((board: Board) => Promise<void>) | null
  /** Needs no board; it is told whether the board was reached. */
  here: ((isReached: boolean) => Promise<void>) | null
}

/** What a run has done, to be undone from the last to the first when it fails. */
export class Undoing {
  readonly #steps: Undo[] = []

  add(what: string, onBoard: Undo['onBoard']): void {
    this.#steps.push({ what, onBoard, here: null })
  }

  addHere(what: string, here: NonNullable<Undo['here']>): void {
    this.#steps.push({ what, onBoard: null, here })
  }

  /**
   * Goes on where a part cannot be undone. `board` is null when it is out of reach. Answers both kinds in words. The board comes first: a
   * client that still runs with what it was given would ask the server again.
   */
  async undo(board: Board | null): Promise<{ done: string[]; left: string[] }> {
    const report: { done: string[]; left: string[] } = { done: [], left: [] }
    const all = this.#steps.toReversed()
    for (const { what, onBoard, here } of [...all.filter((step) => step.here === null), ...all.filter((step) => step.here !== null)]) {
      const work = here ? here(board !== null) : board && onBoard?.(board)
      if (!work) {
        report.left.push(what)
        continue
      }
      await work.then(
        () => report.done.push(what),
        (thrown: unknown) => report.left.push(`${what} (${toAppError(thrown).message})`),
      )
    }
    this.#steps.length = 0
    return report
  }
}
