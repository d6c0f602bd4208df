import { withoutEscapes } from '../lib/terminal-text.ts'

/** As long as a line gets; more of it begins a new one. */
const MAX_CHARACTERS = 2000

const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F]/g
/** A login prompt stands at the end of a line that nobody ends. */
const PROMPT = /\blogin: $/

/** Cuts what a console says into lines, as they are read. */
export class SerialLines {
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  add(bytes: Uint8Array): void {
    // A piece may end in the midst of a character: consoles of boards speak ASCII where it matters.
    const lines = (this.#rest + Buffer.from(bytes).toString('latin1')).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#tell(line)
    if (PROMPT.test(plain(this.#rest)) || this.#rest.length > MAX_CHARACTERS) this.end()
  }

  /** The board is switched off: what is left will get no more. */
  end(): void {
    if (this.#rest !== '') this.#tell(this.#rest)
    this.#rest = ''
  }

  #tell(line: string): void {
    const text = plain(line)
    for (let at = 0; at === 0 || at < text.length; at += MAX_CHARACTERS) this.#onLine(text.slice(at, at + MAX_CHARACTERS))
  }
}

function plain(line: string): string {
  return withoutEscapes(line).replaceAll(CONTROLS, '')
}
