import type { Clock, Files, HostFile } from '../../host.ts'

/** What came over a serial line, in a file: each line with the time at which it began. */
export class LineLog implements AsyncDisposable {
  readonly #file: HostFile
  readonly #clock: Clock
  #position: number
  #atStart = true
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(file: HostFile, clock: Clock, position: number) {
    this.#file = file
    this.#clock = clock
    this.#position = position
  }

  /** Goes on behind what the file has already. */
  static async open(path: string, { files, clock }: { files: Files; clock: Clock }): Promise<LineLog> {
    const file = await files.open(path, 'edit')
    return new LineLog(file, clock, await file.sizeBytes())
  }

  add(bytes: Uint8Array): void {
    const stamp = `${new Date(this.#clock.now()).toISOString()} `
    let text = ''
    for (const character of Buffer.from(bytes).toString('latin1')) {
      if (character === '\r') continue
      text += (this.#atStart ? stamp : '') + character
      this.#atStart = character === '\n'
    }
    const line = Buffer.from(text, 'latin1')
    const position = this.#position
    this.#position += line.length
    // A full disk must not end the console; the end of the log shows it.
    this.#writing = this.#writing.then(() => this.#file.write(line, position)).catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing
    await this.#file[Symbol.asyncDispose]()
  }
}
