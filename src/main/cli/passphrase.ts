import { open, readFile, writeSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { promisify } from 'node:util'
import { AppError, toAppError } from '../contract/errors.ts'
import { readWhole } from '../engine/lib/file-streams.ts'
import type { CliContext } from './context.ts'
import { say } from './language.ts'
import { absolute } from './commands/artifact-files.ts'

/** Where the passphrase of an encrypted key comes from; neither: from the terminal. */
export interface PassphraseFlags {
  passphraseFile?: string
  passphraseFd?: string
}

const openAsync = promisify(open)
const readFileAsync = promisify(readFile)

/** The passphrase for `what`: the first line of the file or file descriptor, else typed on the terminal, where it is not shown. */
export async function readPassphrase(what: string, flags: PassphraseFlags, { host, cwd, signal }: CliContext): Promise<string> {
  const { passphraseFile, passphraseFd } = flags
  if (passphraseFile !== undefined && passphraseFd !== undefined)
    throw new AppError('BAD_INPUT', '--passphrase-file and --passphrase-fd mean the same', 'Use one of them.')
  if (passphraseFile !== undefined) return firstLine(await readWhole(host.files, absolute(cwd, passphraseFile)))
  if (passphraseFd !== undefined) return firstLine(await readDescriptor(passphraseFd))
  return askOnTerminal(`Passphrase of ${what}`, signal)
}

/** A password: the first line of the file descriptor, else typed on the terminal. null where there is neither. */
export async function readPassword(prompt: string, descriptor: string | undefined, { signal }: CliContext): Promise<string | null> {
  if (descriptor !== undefined) return firstLine(await readDescriptor(descriptor))
  try {
    return await askOnTerminal(prompt, signal)
  } catch (thrown) {
    if (toAppError(thrown).code !== 'KEY_MISSING') throw thrown
    return null
  }
}

function firstLine(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).split(/\r?\n/, 1)[0] ?? ''
}

async function readDescriptor(text: string): Promise<Uint8Array> {
  const hint = 'Name an open file descriptor, for example --passphrase-fd 3 3<FILE.'
  if (!/^\d{1,6}$/.test(text)) throw new AppError('BAD_INPUT', `"${text}" is not a file descriptor`, hint)
  return readFileAsync(Number(text)).catch((thrown: unknown) => {
    throw new AppError('BAD_INPUT', `Nothing can be read from file descriptor ${text}`, hint, thrown)
  })
}

/** Standard input and output may be files or pipes: the terminal itself is asked. */
async function askOnTerminal(prompt: string, signal: AbortSignal): Promise<string> {
  const descriptor = await openAsync('/dev/tty', 'r+').catch((thrown: unknown) => {
    const hint = 'Use --passphrase-file FILE or --passphrase-fd N.'
    throw new AppError('KEY_MISSING', 'The private key is encrypted and there is no terminal to ask on', hint, thrown)
  })
  const terminal = new ReadStream(descriptor)
  try {
    terminal.setRawMode(true)
    writeSync(descriptor, `${say(prompt)}: `)
    return await typedLine(terminal, signal)
  } finally {
    terminal.setRawMode(false)
    writeSync(descriptor, '\n')
    terminal.destroy()
  }
}

const KEYS = { interrupt: '\u0003', end: '\u0004', erase: ['\b', '\u007f'], eraseLine: '\u0015', enter: ['\r', '\n'] } as const

/** The line that is typed, as a terminal in raw mode hands it over: the keys for erasing and stopping are ours to obey. */
function typedLine(terminal: ReadStream, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = []
    const stop = (): void => reject(new AppError('CANCELLED', 'Cancelled', '', signal.reason))
    const take = (key: string): void => {
      if (KEYS.enter.some((enter) => enter === key)) resolve(typed.join(''))
      else if (key === KEYS.interrupt || key === KEYS.end) stop()
      else if (KEYS.erase.some((erase) => erase === key)) typed.pop()
      else if (key === KEYS.eraseLine) typed = []
      else typed.push(key)
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    terminal.setEncoding('utf8')
    terminal.on('data', (text) => {
      for (const key of String(text)) take(key)
    })
    terminal.once('error', reject)
    terminal.once('end', stop)
  })
}
