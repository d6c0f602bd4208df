import { type BoardShell, SURROUNDINGS, type ShellOptions, type ShellResult } from '../shell.ts'
import { AppError } from '../../../contract/errors.ts'
import { type ConsoleLogin, wakeConsole } from './console.ts'
import type { SerialLine } from './line.ts'
import { SerialSession } from './session.ts'
import { SerialTalk } from './talk.ts'

const DEFAULT_MS = 10 * 60_000

export interface SerialSurroundings {
  /** null: somebody is logged in already. */
  login: ConsoleLogin | null
  signal: AbortSignal
  onProgress?: (done: number, total: number) => void
}

/** A shell on a board over its serial console. Closes the line at its end. */
export class SerialShell implements BoardShell {
  readonly name: string
  readonly #line: SerialLine
  readonly #talk: SerialTalk
  readonly #surroundings: SerialSurroundings
  /** null while the board has to be logged in to: at first, after a reset, after something was interrupted. */
  #session: SerialSession | null = null

  private constructor(line: SerialLine, surroundings: SerialSurroundings) {
    this.name = line.path
    this.#line = line
    this.#talk = new SerialTalk(line)
    this.#surroundings = surroundings
  }

  /** Wakes the console and logs in. DEVICE_UNREACHABLE, LOGIN_REFUSED; BAD_INPUT where a boot loader waits. */
  static async open(line: SerialLine, surroundings: SerialSurroundings): Promise<SerialShell> {
    const shell = new SerialShell(line, surroundings)
    try {
      await shell.#begun(surroundings.signal)
      return shell
    } catch (thrown) {
      await shell[Symbol.asyncDispose]()
      throw thrown
    }
  }

  async run(script: string, { input, signal, timeoutMs = DEFAULT_MS }: ShellOptions): Promise<ShellResult> {
    return this.#guarded(signal, (session) => session.run(SURROUNDINGS + script, input ?? null, { signal, timeoutMs }))
  }

  async upload(path: string, content: Uint8Array, signal: AbortSignal): Promise<void> {
    const { onProgress } = this.#surroundings
    const total = content.length
    await this.#guarded(signal, (session) =>
      session.put(path, content, { signal, ...(onProgress ? { onProgress: (done) => onProgress(done, total) } : {}) }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.end().catch(() => undefined)
    this.#talk[Symbol.dispose]()
    await this.#line[Symbol.asyncDispose]()
  }

  async #guarded<T>(signal: AbortSignal, work: (session: SerialSession) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const session = await this.#begun(signal)
    try {
      return await work(session)
    } catch (thrown) {
      // Whatever ran is stopped, and the next one begins at the prompt.
      this.#session = null
      await session.interrupt().catch(() => undefined)
      throw signal.aborted ? new AppError('CANCELLED', 'Cancelled', '', signal.reason) : thrown
    }
  }

  async #begun(signal: AbortSignal): Promise<SerialSession> {
    if (this.#session !== null) return this.#session
    const kind = await wakeConsole(this.#talk, this.#surroundings.login, signal)
    if (kind === 'u-boot')
      throw new AppError(
        'BAD_INPUT',
        `The board on ${this.name} waits in its boot loader`,
        'Let it start: type boot in otabench serial console.',
      )
    const session = new SerialSession(this.#talk)
    await session.begin(signal)
    this.#session = session
    return session
  }
}
