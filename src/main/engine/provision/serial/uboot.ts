import { AppError } from '../../../contract/errors.ts'
import type { SerialTalk } from './talk.ts'

/** A UART that is polled holds 16 characters: more are typed only when these were echoed. */
const TYPED_CHARACTERS = 8
const ECHO_MS = 3000
const COMMAND_MS = 15_000

/** The prompt of U-Boot, at which a board was stopped. */
export class UBootPrompt {
  readonly #talk: SerialTalk
  readonly #signal: AbortSignal

  constructor(talk: SerialTalk, signal: AbortSignal) {
    this.#talk = talk
    this.#signal = signal
  }

  /** All variables. */
  async environment(): Promise<Record<string, string>> {
    return parseEnvironment(await this.#command('printenv'))
  }

  /** Sets a variable, an empty value removes it, and reads it back. BAD_INPUT for what cannot be typed. */
  async set(name: string, value: string): Promise<void> {
    if (!/^[\w.:-]{1,100}$/.test(name)) throw new AppError('BAD_INPUT', `"${name}" is no name of a variable`, 'Write NAME=VALUE.')
    if (/[^ -~]/.test(value))
      throw new AppError('BAD_INPUT', `The value of ${name} has characters that cannot be typed`, 'Use plain ASCII.')
    await this.#command(`setenv ${name}${value === '' ? '' : ` ${escaped(value)}`}`)
    const now = (await this.environment())[name] ?? ''
    if (now !== value)
      throw new AppError('VERIFY_FAILED', `${name} became "${now}" on ${this.#talk.line.path}, and "${value}" was meant`, 'Set it by hand.')
  }

  /** Writes the environment to where the board keeps it. */
  async save(): Promise<void> {
    await this.#command('saveenv')
  }

  /** Types a command and answers what it prints. INTERRUPTED where it fails. */
  async #command(text: string): Promise<string> {
    this.#talk.forget()
    // On one line: what is typed while a command runs may be lost.
    await this.#type(`${text}; echo OTB_$?_END`)
    await this.#talk.send('\r')
    const ended = /OTB_(\d+)_END/
    const found = await this.#talk.until((heard) => ended.exec(heard), COMMAND_MS, this.#signal)
    if (found === null)
      throw new AppError(
        'DEVICE_UNREACHABLE',
        `U-Boot on ${this.#talk.line.path} answers no more`,
        'Check the cable, and whether the board was reset.',
      )
    const lines = this.#talk.heard.slice(0, found.index).split('\n')
    const said = lines.slice(1).filter((line) => !line.includes('echo OTB_'))
    if (found[1] === '0') return said.join('\n')
    const last = said.findLast((line) => line.trim() !== '')?.trim() ?? ''
    throw new AppError(
      'INTERRUPTED',
      `U-Boot on ${this.#talk.line.path} cannot ${text.split(' ')[0]}: ${last}`,
      'Try it in otabench serial console.',
    )
  }

  async #type(text: string): Promise<void> {
    for (let at = 0; at < text.length; at += TYPED_CHARACTERS) {
      const before = this.#talk.heard.length
      const piece = text.slice(at, at + TYPED_CHARACTERS)
      await this.#talk.send(piece)
      const echoed = (heard: string) => (heard.length >= before + piece.length ? true : null)
      if ((await this.#talk.until(echoed, ECHO_MS, this.#signal)) === null)
        throw new AppError('DEVICE_UNREACHABLE', `U-Boot on ${this.#talk.line.path} does not take what is typed`, 'Check the cable.')
    }
  }
}

/** The parser of U-Boot takes quotes and dollars for its own. */
function escaped(value: string): string {
  return value.replaceAll(/[^\w./:=,@%+-]/g, String.raw`\$&`)
}

/** What `printenv` prints: with a backslash before each of a value's own, and before each of its ends of lines. */
export function parseEnvironment(output: string): Record<string, string> {
  const [variables = ''] = output.split(/^Environment size: /m)
  const found = variables.matchAll(/^([\w.:-]+)=((?:\\[^]|[^\\\n])*)$/gm)
  return Object.fromEntries(Array.from(found, ([, name = '', value = '']) => [name, value.replaceAll(/\\([^])/g, '$1')]))
}
