import { AppError, type ErrorCode, toAppError } from '../contract/errors.ts'
import { say, sayLines, word } from './language.ts'

/** The outcome is negative though nothing broke. */
export const EXIT_NEGATIVE = 5

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  BAD_INPUT: 2,
  NOT_FOUND: 3,
  PERMISSION: 3,
  DISK_FULL: 3,
  ARTIFACT_INVALID: 4,
  EXPANSION_LIMIT: 4,
  SIGNATURE_INVALID: 4,
  CANCELLED: 130,
}

/** The only place where an error becomes an exit code (see `otabench --help`). */
export function exitCodeOf(error: AppError): number {
  return EXIT_CODES[error.code] ?? 1
}

/** Of the line, behind the cursor. */
const ERASE_REST = '\u001b[K'

export interface PrintStyle {
  isJson: boolean
  isQuiet: boolean
  isVerbose: boolean
  /** Whether stderr is a terminal: a bar that redraws itself, else a line every tenth, and when something else happens to it. */
  isTerminal: boolean
}

export interface Streams {
  /** `columns` of a terminal. */
  stdout: { write(text: string): unknown; columns?: number }
  stderr: { write(text: string): unknown }
}

/** Where the CLI speaks: results to stdout, progress and messages to stderr. */
export class Printer {
  readonly #streams: Streams
  readonly #style: PrintStyle
  #shown = ''
  #hasBar = false

  constructor(streams: Streams, style: PrintStyle) {
    this.#streams = streams
    this.#style = style
  }

  get style(): PrintStyle {
    return this.#style
  }

  /** So many letters a line of help has: those of the terminal, but no more than are read with ease. */
  get helpWidth(): number {
    return Math.min(Math.max(this.#streams.stdout.columns || 80, 40), 100)
  }

  /** The command's answer: `value` as one JSON line with --json, else `text`, in the reader's language. */
  result(value: unknown, text: string): void {
    this.verbatim(value, this.#style.isJson ? text : sayLines(text))
  }

  /** The same where the text is no sentence of ours: data, or the format of another tool. */
  verbatim(value: unknown, text: string): void {
    this.#endBar()
    this.#streams.stdout.write(this.#style.isJson ? `${JSON.stringify(value)}\n` : text.endsWith('\n') || text === '' ? text : `${text}\n`)
  }

  /** Text of somebody else, as it is. */
  raw(text: string): void {
    this.#endBar()
    this.#streams.stdout.write(text)
  }

  /** One event of work that goes on: an NDJSON line with --json, else a line of text. */
  event(value: unknown, text: string): void {
    this.result(value, text)
  }

  /** A message for the person who watches. */
  note(text: string): void {
    if (this.#style.isQuiet || this.#style.isJson) return
    this.#endBar()
    this.#streams.stderr.write(`${sayLines(text)}\n`)
  }

  /** A message that must reach somebody, also with --quiet: it is not said again. */
  important(text: string): void {
    this.#endBar()
    this.#streams.stderr.write(`${sayLines(text)}\n`)
  }

  /** `what` happens to it: a participle, a step, or whatever it is called. */
  progress(done: number, total: number, what: string): void {
    if (this.#style.isQuiet || this.#style.isJson || total <= 0) return
    const unit = word(say(what))
    const percent = Math.floor((100 * done) / total)
    if (this.#style.isTerminal) {
      const filled = Math.floor(percent / 4)
      this.#streams.stderr.write(`\r${'█'.repeat(filled)}${'░'.repeat(25 - filled)} ${percent} % ${unit}${ERASE_REST}`)
      this.#hasBar = true
      return
    }
    const shown = `${Math.floor(percent / 10)} ${what}`
    if (shown === this.#shown) return
    this.#shown = shown
    this.#streams.stderr.write(`${percent} % ${unit}\n`)
  }

  /** Prints a failure in three lines and answers the exit code. */
  failure(thrown: unknown): number {
    const error = toAppError(isGone(thrown) ? new AppError('CANCELLED', 'Nobody reads the output any more', '', thrown) : thrown)
    this.#endBar()
    this.#streams.stderr.write(`error ${error.code}: ${sayLines(error.message)}\n`)
    if (error.hint) this.#streams.stderr.write(`${word('hint')}: ${sayLines(error.hint)}\n`)
    if (this.#style.isVerbose) for (const line of causesOf(error)) this.#streams.stderr.write(`${word('cause')}: ${line}\n`)
    return exitCodeOf(error)
  }

  #endBar(): void {
    this.#shown = ''
    if (!this.#hasBar) return
    this.#hasBar = false
    this.#streams.stderr.write('\n')
  }
}

/** A write that waited for the reader of stdout, who went away. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE' && 'syscall' in thrown && thrown.syscall === 'write'
}

function causesOf(error: Error): string[] {
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error && causes.length < 10; cause = cause.cause) causes.push(cause.stack ?? cause.message)
  return causes
}
