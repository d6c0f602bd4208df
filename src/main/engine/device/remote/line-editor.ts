/** What a person has done at the keyboard. */
export type Typed = { kind: 'line'; text: string } | { kind: 'interrupt' } | { kind: 'end' }

const HISTORY = 100
const MAX_LINE = 4096
/** The sequences of the arrow keys. */
const UP = '\u001b[A'
const DOWN = '\u001b[B'

/** What a terminal does with keys before a program reads them: echoes, takes back, keeps earlier lines. Text in, events out. */
export class LineEditor {
  readonly #echo: (text: string) => void
  readonly #history: string[] = []
  #line = ''
  #at = 0
  #escape = ''

  constructor(echo: (text: string) => void) {
    this.#echo = echo
  }

  /** What has been typed of the line so far, to be shown again behind a new prompt. */
  get line(): string {
    return this.#line
  }

  *type(text: string): Generator<Typed, void, void> {
    for (const letter of text) {
      const typed = this.#escape === '' ? this.#key(letter) : this.#sequence(letter)
      if (typed) yield typed
    }
  }

  #key(letter: string): Typed | null {
    switch (letter) {
      case '\r':
      case '\n':
        return this.#enter()
      case '\u0003':
        this.#echo('^C\r\n')
        this.#line = ''
        return { kind: 'interrupt' }
      case '\u0004':
        return this.#line === '' ? { kind: 'end' } : null
      case '\u007f':
      case '\b':
        this.#replace(Array.from(this.#line).slice(0, -1).join(''))
        return null
      case '\u0015':
        this.#replace('')
        return null
      case '\u001b':
        this.#escape = letter
        return null
      default:
        if (letter >= ' ' && this.#line.length < MAX_LINE) {
          this.#line += letter
          this.#echo(letter)
        }
        return null
    }
  }

  #sequence(letter: string): Typed | null {
    this.#escape += letter
    const isOver = this.#escape.length > 2 ? /[A-Za-z~]/.test(letter) : !/[[O]/.test(letter)
    if (!isOver && this.#escape.length < 8) return null
    if (this.#escape === UP) this.#recall(-1)
    if (this.#escape === DOWN) this.#recall(1)
    this.#escape = ''
    return null
  }

  #enter(): Typed {
    this.#echo('\r\n')
    const text = this.#line
    if (text.trim() !== '' && this.#history.at(-1) !== text) this.#history.push(text)
    if (this.#history.length > HISTORY) this.#history.shift()
    this.#at = this.#history.length
    this.#line = ''
    return { kind: 'line', text }
  }

  #recall(step: number): void {
    this.#at = Math.min(Math.max(0, this.#at + step), this.#history.length)
    this.#replace(this.#history[this.#at] ?? '')
  }

  #replace(line: string): void {
    const width = Array.from(this.#line).length
    this.#echo(`${'\b'.repeat(width)}${' '.repeat(width)}${'\b'.repeat(width)}${line}`)
    this.#line = line
  }
}
