import { resolve } from 'node:path'
import { AppError } from '../contract/errors.ts'
import type { GlobalOptions } from './context.ts'

/** What every command takes, wherever on the line it stands. */
export interface ParsedArguments {
  globals: GlobalOptions
  isJson: boolean
  isQuiet: boolean
  isVerbose: boolean
  /** The line without the global options. */
  rest: string[]
}

type Environment = Readonly<Record<string, string | undefined>>

const SWITCHES = ['--json', '--quiet', '--verbose'] as const
const VALUES = ['--data', '--server', '--token', '--ca'] as const

/** Takes the global options out of a command line; everything behind `--` is left as it is. */
export function parseGlobals(argv: readonly string[], environment: Environment, cwd: string): ParsedArguments {
  const switches = new Set<string>()
  const values = new Map<string, string>()
  const rest: string[] = []
  const queue = [...argv]
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') {
      rest.push(word, ...queue)
      break
    }
    const [name, inline] = splitOption(word)
    if (SWITCHES.some((known) => known === word)) switches.add(word)
    else if (VALUES.some((known) => known === name)) values.set(name, inline ?? valueOf(name, queue.shift()))
    else rest.push(word)
  }
  const folder = values.get('--data')
  const globals: GlobalOptions = { data: folder ? resolve(cwd, folder) : defaultDataFolder(environment, cwd) }
  const server = values.get('--server') ?? environment['OTABENCH_SERVER']
  const token = values.get('--token') ?? environment['OTABENCH_TOKEN']
  const ca = values.get('--ca')
  if (server) globals.server = server
  if (token) globals.token = token
  if (ca) globals.ca = resolve(cwd, ca)
  return { globals, rest, isJson: switches.has('--json'), isQuiet: switches.has('--quiet'), isVerbose: switches.has('--verbose') }
}

function splitOption(word: string): [string, string | undefined] {
  const at = word.indexOf('=')
  return word.startsWith('--') && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word, undefined]
}

function valueOf(name: string, value: string | undefined): string {
  if (value === undefined) throw new AppError('BAD_INPUT', `${name} needs a value`, `Write ${name} VALUE.`)
  return value
}

/** `$XDG_DATA_HOME/ota-bench`, as the desktop app uses it too. */
export function defaultDataFolder(environment: Environment, cwd: string): string {
  const base = environment['XDG_DATA_HOME'] || (environment['HOME'] ? `${environment['HOME']}/.local/share` : cwd)
  return resolve(base, 'ota-bench')
}

/** `HOST:PORT`, `[::1]:8080` or a bare port (all interfaces). Port 0 lets the system choose. */
export function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:(?<host>\[[0-9a-fA-F:]+\]|[^:\s]+):)?(?<port>\d{1,5})$/.exec(text)
  const port = Number(match?.groups?.['port'])
  if (!match || port > 65_535)
    throw new AppError('BAD_INPUT', `"${text}" is not an address`, 'Write HOST:PORT, for example 0.0.0.0:8080 or 127.0.0.1:0.')
  return { host: (match.groups?.['host'] ?? '0.0.0.0').replace(/^\[|\]$/g, ''), port }
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A span of time as `90m`, `12h` or `90d`, in milliseconds. BAD_INPUT names the flag. */
export function readSpan(flag: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const ms = Number(count) * (UNIT_MS[unit] ?? 0)
  if (ms > 0) return ms
  throw new AppError('BAD_INPUT', `${flag} ${text} is not a span of time`, 'Write for example 90m, 24h or 7d.')
}
