import { AppError } from '../../contract/errors.ts'

/** How a command on a board ended. Each output is cut at 1 MiB. */
export interface ShellResult {
  exitCode: number
  stdout: string
  stderr: string
}

export interface ShellOptions {
  /** Its standard input; else it is empty. */
  input?: Uint8Array
  signal: AbortSignal
  /** INTERRUPTED when it takes longer. */
  timeoutMs?: number
}

/** A POSIX shell on a board, whatever the road to it. */
export interface BoardShell extends AsyncDisposable {
  /** How messages call the board: `pi@192.168.7.21`. */
  readonly name: string
  /** Runs a script as who is logged in; its exit code is no failure. DEVICE_UNREACHABLE when the road is cut. */
  run(script: string, options: ShellOptions): Promise<ShellResult>
  /** Makes or replaces a file that only who is logged in can read. DISK_FULL, PERMISSION, DEVICE_UNREACHABLE. */
  upload(path: string, content: Uint8Array, signal: AbortSignal): Promise<void>
}

/** A text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** What every script starts from: messages in English, and the tools of the administrator. */
export const SURROUNDINGS = 'export LC_ALL=C PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin"; umask 022; '

const REASONS = [
  [/No space left on device|Disk quota exceeded/, 'DISK_FULL', 'Free some space there and run it again.'],
  [/Read-only file system/, 'PERMISSION', 'Name a place on its data partition, or put it into its image.'],
  [/Permission denied|Operation not permitted|must be root/, 'PERMISSION', 'Log in as root, or as a user who may use sudo.'],
  [/: not found|command not found/, 'TOOL_MISSING', 'Install it on the board.'],
] as const

/** Why a script that should have succeeded did not. */
export function boardFailure(what: string, { exitCode, stdout, stderr }: ShellResult): AppError {
  const said = lastLine(stderr) || lastLine(stdout)
  const message = `${what}${said === '' ? ` ended with ${exitCode}` : `: ${said}`}`
  const known = REASONS.find(([pattern]) => pattern.test(stderr) || (exitCode === 127 && pattern.test(stdout)))
  return known
    ? new AppError(known[1], message, known[2])
    : new AppError('INTERRUPTED', message, 'Run it by hand on the board to see more.')
}

export function lastLine(text: string): string {
  return (
    text
      .split(/[\r\n]+/)
      .findLast((line) => line.trim() !== '')
      ?.trim()
      .slice(0, 500) ?? ''
  )
}
