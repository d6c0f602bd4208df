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

/** The rights of the user that the engine runs as. */
export interface Rights {
  /** How the writer would get at a drive, without asking anybody for it now. */
  accessTo(path: string): Promise<Drive['access']>
  /** The first way that is open to this user. PERMISSION, with what can be done, when none is. */
  elevationFor(drive: Drive): Promise<Elevation>
}

/** `remedyFor` says what makes a drive writable for its user. */
export function createRights(host: Host, remedyFor = remedyOnLinux): Rights {
  const { machine } = host
  const asked: { silent: Promise<boolean> | null } = { silent: null }
  const isSudoSilent = (): Promise<boolean> => (asked.silent ??= isSudoSilentFor(host))

  /** Of a user who may not write the drive; null when there is no way. */
  async function elevation(): Promise<Elevation | null> {
    const helper = await hasHelper(host)
    // Whoever sits at a terminal is asked there.
    if (helper && !machine.hasTerminal) return 'helper'
    if ((await host.programs.find('sudo')) !== null && (machine.hasTerminal || (await isSudoSilent()))) return 'sudo'
    return helper ? 'helper' : null
  }

  return {
    async accessTo(path) {
      if (await machine.canWrite(path)) return 'open'
      const found = await elevation()
      if (found === null) return 'none'
      return found === 'sudo' && !machine.hasTerminal ? 'open' : 'asks'
    },
    async elevationFor({ identity, name, virtual }) {
      if (virtual || (await machine.canWrite(identity.path))) return 'none'
      const found = await elevation()
      if (found !== null) return found
      throw new AppError('PERMISSION', `You may not write ${name} (${identity.path})`, remedyFor(identity.path))
    },
  }
}

/** Best for one reader, once and for all. */
function remedyOnLinux(path: string): string {
  return `Allow it for the reader that it is in: otabench drives rule ${path}. Or for this once: sudo otabench flash …`
}

/** Whether the installed writer is there and nobody but root can change it, and pkexec too. */
export async function hasHelper({ files, programs }: Pick<Host, 'files' | 'programs'>): Promise<boolean> {
  const found = await files.stat(HELPER)
  return found?.kind === 'file' && found.uid === 0 && (found.mode & 0o022) === 0 && (await programs.find('pkexec')) !== null
}

/** The groups that sudo lets in on most systems. It is not asked for others: it tells root of whoever asks in vain. */
const SUDO_GROUPS = ['sudo', 'wheel', 'admin']

/** Whether sudo asks for nothing, as on many boards. */
async function isSudoSilentFor({ programs }: Host): Promise<boolean> {
  const { stdout } = await programs.run('id', ['-Gn'])
  if (!stdout.split(/\s+/).some((group) => SUDO_GROUPS.includes(group))) return false
  return (await programs.run('sudo', ['--non-interactive', 'true'])).exitCode === 0
}
