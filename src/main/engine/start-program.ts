import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { Duplex } from 'node:stream'
import { AppError } from '../contract/errors.ts'
import type { ProgramResult, RunningProgram, StartOptions } from './host.ts'
import { translate } from './host-errors.ts'

const STDERR_LIMIT_CHARACTERS = 64 * 1024

type Options = StartOptions & { env: NodeJS.ProcessEnv }

/** Starts a program in an environment. */
export function startProgram(name: string, args: readonly string[], options: Options): RunningProgram {
  const { env, signal, cwd, socketCount = 0, through } = options
  if (through) return startThrough(name, args, { ...options, through })
  const sockets = Array.from({ length: socketCount }, () => 'pipe' as const)
  return running(spawn(name, args, { env, signal, cwd, stdio: ['pipe', 'pipe', 'pipe', ...sockets] }), name)
}

/**
 * No pipe breaks for a program between two files when this one is killed: what waits beside it for the end of a socket then ends it, unless
 * a line has let go.
 */
const LEASH = '(read -r _ <&3 || kill "$$") </dev/null >/dev/null 2>&1 & exec 3<&-; exec "$@"'

function startThrough(
  name: string,
  args: readonly string[],
  { env, signal, cwd, through }: Options & Required<Pick<Options, 'through'>>,
): RunningProgram {
  const files = openBoth(through)
  try {
    const child = spawn('sh', ['-c', LEASH, 'sh', name, ...args], { env, signal, cwd, stdio: [...files, 'pipe', 'pipe'] })
    const program = running(child, name)
    child.once('exit', () => program.sockets[0]?.end('\n'))
    return { ...program, sockets: [] }
  } finally {
    for (const file of files) closeSync(file)
  }
}

function openBoth({ from, to }: { from: string; to: string }): number[] {
  const opened: number[] = []
  try {
    for (const [path, flags] of [[from, 'r'] as const, [to, 'r+'] as const]) opened.push(openSync(path, flags))
    return opened
  } catch (thrown) {
    for (const file of opened) closeSync(file)
    throw translate(thrown, `Cannot open ${opened.length === 0 ? from : to}`)
  }
}

function running(child: ChildProcess, name: string): RunningProgram {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LIMIT_CHARACTERS)
  })
  // It may end before it has read all.
  child.stdin?.on('error', () => undefined)
  const ended = new Promise<Omit<ProgramResult, 'stdout'>>((resolve, reject) => {
    child.once('error', (error) => reject(programError(error, name)))
    child.once('close', (code, signal) => resolve({ exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0), stderr }))
  })
  ended.catch(() => undefined)
  // A socket to a program that has ended is no fault of its own.
  const sockets = child.stdio
    .slice(3)
    .filter((each) => each instanceof Duplex)
    .map((each) => each.on('error', () => undefined))
  return {
    ...{ output: outputOf(child), ended, sockets },
    ...{ write: (text) => void child.stdin?.write(text), endInput: () => void child.stdin?.end() },
  }
}

async function* outputOf(child: ChildProcess): AsyncGenerator<Uint8Array, void, void> {
  let isWhole = false
  try {
    for await (const chunk of child.stdout ?? []) yield chunk
    isWhole = true
  } finally {
    if (!isWhole) child.kill()
  }
}

/** Why one could not be run. */
export function programError(error: Error, name: string): AppError {
  return 'code' in error && String(error.code) === 'ENOENT'
    ? new AppError('TOOL_MISSING', `The program ${name} is not installed`, `Install ${name} and try again.`, error)
    : translate(error, `Cannot run ${name}`)
}
