import { AppError, toAppError } from '../../../contract/errors.ts'
import { COMMANDS, type Setting } from './commands.ts'
import { plain } from './disk.ts'
import { LineEditor, type Typed } from './line-editor.ts'
import { type ShellCommand, readLine } from './shell-words.ts'
import { hostName } from './system-files.ts'

/** Where a shell prints. Resolves when there is room for more. */
export type Print = (bytes: Uint8Array) => Promise<void>

const MAX_WAITING = 1 << 20

/** A small shell on a virtual device: it says what it is, and knows the commands of commands.ts. */
export class VirtualShell {
  readonly #setting: Setting
  readonly #print: Print
  readonly #ended: () => void
  readonly #editor = new LineEditor((text) => void this.#say(text))
  readonly #waiting: Typed[] = []
  #waitingLetters = 0
  #interrupt = new AbortController()
  #isBusy = false
  #isOver = false

  /** `ended` is called once, when the shell ends by itself. */
  constructor(parts: Omit<Setting, 'cwd'>, print: Print, ended: () => void) {
    this.#setting = { ...parts, cwd: '/' }
    this.#print = print
    this.#ended = ended
    void this.#say(
      `\r\nVirtual device ${parts.machine.options.name}: a small shell of OTA Bench, no Linux system. "help" lists what it knows.\r\n`,
    )
    this.#prompt()
  }

  type(bytes: Uint8Array): void {
    if (this.#isOver || this.#waitingLetters > MAX_WAITING) return
    for (const typed of this.#editor.type(new TextDecoder().decode(bytes))) {
      if (typed.kind === 'interrupt') {
        this.#waiting.length = 0
        this.#waitingLetters = 0
        this.#interrupt.abort()
        if (!this.#isBusy) this.#prompt()
        continue
      }
      this.#waiting.push(typed)
      this.#waitingLetters += typed.kind === 'line' ? typed.text.length + 1 : 1
    }
    void this.#work()
  }

  /** Stops what runs; nothing is printed any more. */
  close(): void {
    this.#isOver = true
    this.#interrupt.abort()
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      for (let typed = this.#waiting.shift(); typed && !this.#isOver; typed = this.#waiting.shift()) {
        this.#waitingLetters -= typed.kind === 'line' ? typed.text.length + 1 : 1
        if (typed.kind === 'line') await this.#runLine(typed.text)
        else this.#end()
        this.#prompt()
      }
    } finally {
      this.#isBusy = false
    }
  }

  async #runLine(text: string): Promise<void> {
    const commands = readLine(text)
    if (typeof commands === 'string') return this.#say(`sh: ${commands}\r\n`)
    this.#interrupt = new AbortController()
    let hasSucceeded = true
    for (const command of commands) {
      if (command.needsSuccess && !hasSucceeded) continue
      hasSucceeded = await this.#run(command)
      if (this.#isOver || this.#interrupt.signal.aborted) return
    }
  }

  /** Answers whether it went well. */
  async #run({ words: [name = '', ...args], output }: ShellCommand): Promise<boolean> {
    if (name === 'exit') {
      this.#end()
      return true
    }
    const command = COMMANDS.get(name)
    try {
      if (!command) throw new AppError('NOT_FOUND', `${name}: not found on this virtual device ("help" lists what there is)`)
      const out = command.run(args, this.#setting, this.#interrupt.signal)
      if (output === null) for await (const bytes of out) await this.#show(bytes)
      else await this.#write(output, out)
      return true
    } catch (thrown) {
      if (!this.#interrupt.signal.aborted) await this.#say(`${command ? `${name}: ` : 'sh: '}${toAppError(thrown).message}\r\n`)
      return false
    }
  }

  async #write({ path, isAppended }: { path: string; isAppended: boolean }, out: AsyncIterable<Uint8Array>): Promise<void> {
    const { disk, cwd } = this.#setting
    const target = plain(path.startsWith('/') ? path : `${cwd}/${path}`)
    const before = isAppended && (await disk.stat(target)) ? disk.content(target) : null
    await disk.write(target, joined(before, out))
  }

  /** A terminal begins a line at its left edge only when it is told to. */
  async #show(bytes: Uint8Array): Promise<void> {
    if (!this.#isOver) await this.#print(Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1'))
  }

  async #say(text: string): Promise<void> {
    if (!this.#isOver) await this.#print(Buffer.from(text))
  }

  #prompt(): void {
    void this.#say(`root@${hostName(this.#setting.machine)}:${this.#setting.cwd}# ${this.#editor.line}`)
  }

  #end(): void {
    if (this.#isOver) return
    void this.#say('exit\r\n')
    this.#isOver = true
    this.#ended()
  }
}

async function* joined(first: AsyncIterable<Uint8Array> | null, second: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  if (first) yield* first
  yield* second
}
