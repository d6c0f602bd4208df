import type { Clock, Files, HostFile } from '../host.ts'

/** How long one file may get, and how many older ones stay beside it as `.1`, `.2` and so on. */
export interface LogLimits {
  maxBytes: number
  kept: number
}

const LIMITS: LogLimits = { maxBytes: 8 << 20, kept: 3 }

/** What a console printed, in a file: each line with the time at which it began. A full file makes room for a new one. */
export class LineLog implements AsyncDisposable {
  readonly path: string
  readonly #files: Files
  readonly #clock: Clock
  readonly #limits: LogLimits
  #file: HostFile
  #position: number
  #atStart = true
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(file: HostFile, { files, clock }: { files: Files; clock: Clock }, limits: LogLimits) {
    this.path = file.path
    this.#file = file
    this.#files = files
    this.#clock = clock
    this.#limits = limits
    this.#position = 0
  }

  /** Goes on behind what the file has already. */
  static async open(path: string, host: { files: Files; clock: Clock }, limits = LIMITS): Promise<LineLog> {
    const file = await host.files.open(path, 'edit')
    const log = new LineLog(file, host, limits)
    log.#position = await file.sizeBytes()
    return log
  }

  /** `at`: of lines that bring their own time. */
  add(bytes: Uint8Array, at = this.#clock.now()): void {
    const stamp = `${new Date(at).toISOString()} `
    let text = ''
    for (const character of Buffer.from(bytes).toString('latin1')) {
      if (character === '\r') continue
      text += (this.#atStart ? stamp : '') + character
      this.#atStart = character === '\n'
    }
    const line = Buffer.from(text, 'latin1')
    // A full disk must not end the console; the end of the log shows it.
    this.#writing = this.#writing.then(() => this.#write(line)).catch(() => undefined)
  }

  /** Resolves when all that came is in the file. */
  async flushed(): Promise<void> {
    await this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing
    await this.#file[Symbol.asyncDispose]()
  }

  async #write(line: Uint8Array): Promise<void> {
    if (this.#position > 0 && this.#position + line.length > this.#limits.maxBytes) await this.#turn()
    const position = this.#position
    this.#position += line.length
    await this.#file.write(line, position)
  }

  /** Moves every file one number up, the last one out. */
  async #turn(): Promise<void> {
    const nameOf = (number: number): string => (number === 0 ? this.path : `${this.path}.${number}`)
    await this.#file[Symbol.asyncDispose]()
    await this.#files.remove(nameOf(this.#limits.kept))
    for (let number = this.#limits.kept - 1; number >= 0; number--)
      if (await this.#files.stat(nameOf(number))) await this.#files.rename(nameOf(number), nameOf(number + 1))
    this.#file = await this.#files.open(this.path, 'edit')
    this.#position = 0
  }
}
