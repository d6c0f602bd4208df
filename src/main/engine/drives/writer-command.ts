import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'

/**
 * How the writer gets the right to open a drive. `none`: the user has it. `helper`: pkexec starts the installed writer, and the desktop asks
 * for a password. `sudo`: it asks on the terminal, or not at all where it is set up so.
 */
export type Elevation = 'none' | 'helper' | 'sudo'

/** Where the writer lies when it is installed: root's own, so that a password that is typed for it starts nothing else. */
export const HELPER = '/usr/lib/ota-bench/otabench-writer'

/** The exit code of the lock when somebody else has the drive. */
export const LOCKED = 75

/**
 * The whole disk is locked for as long as the writer runs: udev and everything else that keeps to it leaves the disk alone meanwhile
 * (systemd.io/BLOCK_DEVICE_LOCKING). Whoever looks at it for a moment is waited for.
 */
const LOCK = ['flock', '--exclusive', '--timeout', '10', '--conflict-exit-code', String(LOCKED), '--no-fork'] as const

/**
 * The command that starts the writer for a drive; the drive's path is its last argument and is not part of it. `writer` is the command
 * without any of that.
 */
export function writerCommand({ identity, virtual }: Drive, writer: readonly string[], elevation: Elevation): readonly string[] {
  if (virtual) return writer
  if (elevation === 'helper') return ['pkexec', HELPER]
  const locked = [...LOCK, identity.path, ...writer]
  return elevation === 'sudo' ? ['sudo', '--', ...locked] : locked
}

/** The first way that is open to this user. PERMISSION, with what can be done, when none is. */
export async function elevationFor(host: Host, { identity, name, virtual }: Drive): Promise<Elevation> {
  const { machine, programs } = host
  if (virtual || (await machine.canWrite(identity.path))) return 'none'
  if ((await hasHelper(host)) && !machine.hasTerminal) return 'helper'
  if ((await programs.find('sudo')) !== null && (machine.hasTerminal || (await isSudoSilent(programs)))) return 'sudo'
  if (await hasHelper(host)) return 'helper'
  throw new AppError('PERMISSION', `You may not write ${name} (${identity.path})`, remedyFor(identity.path))
}

/** What makes a drive writable for its user: best for one reader, once and for all. */
export function remedyFor(path: string): string {
  return `Allow it for the reader that it is in: otabench drives rule ${path}. Or for this once: sudo otabench flash …`
}

/** Whether the installed writer is there and nobody but root can change it, and pkexec too. */
export async function hasHelper({ files, programs }: Pick<Host, 'files' | 'programs'>): Promise<boolean> {
  const found = await files.stat(HELPER)
  return found?.kind === 'file' && found.uid === 0 && (found.mode & 0o022) === 0 && (await programs.find('pkexec')) !== null
}

/** Whether sudo asks for nothing. It is asked only when a drive is about to be written: it notes who was refused. */
async function isSudoSilent(programs: Host['programs']): Promise<boolean> {
  return (await programs.run('sudo', ['--non-interactive', 'true'])).exitCode === 0
}
