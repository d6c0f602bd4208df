import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import { LOCK, UNASKED } from '../../opener/command.ts'
import type { Host } from '../host.ts'
import { udisksProblem } from './udisks.ts'

/**
 * How the writer gets at a drive that its user may not open. `udisks`: udisks2 opens it for a writer that has no more rights than its user, when
 * polkit says yes, for which somebody may be asked for a password; `udisks-unasked`: nobody is. `helper`: pkexec starts the installed writer,
 * and the desktop asks. `sudo`: it asks on the terminal, or not at all where it is set up so.
 */
export type Elevation = 'udisks' | 'udisks-unasked' | 'helper' | 'sudo'

/** Where the writer lies when it is installed: root's own, so that a password that is typed for it starts nothing else. */
export const HELPER = '/usr/lib/ota-bench/otabench-writer'

/** Commands without the drive. */
export interface WriterCommands {
  writer: readonly string[]
  opener: readonly string[]
}

/**
 * The command that starts the writer for a drive by the first of these ways, or by the next where that is refused; by none where its user may open
 * the drive. The drive's path is its last argument and is not part of it.
 */
export function writerCommand(drive: Drive, commands: WriterCommands, [way, ...others]: readonly Elevation[]): readonly string[] {
  const { writer, opener } = commands
  if (drive.virtual) return writer
  if (way === 'helper') return ['pkexec', HELPER]
  if (way === 'udisks' || way === 'udisks-unasked') {
    const otherwise = others.length === 0 ? [] : ['--or', ...writerCommand(drive, commands, others)]
    return [...opener, ...(way === 'udisks' ? [] : [UNASKED]), ...writer, ...otherwise]
  }
  const locked = [...LOCK, '--no-fork', drive.identity.path, ...writer]
  return way === 'sudo' ? ['sudo', '--', ...locked] : locked
}

/** The rights of the user that the engine runs as. */
export interface Rights {
  /** How the writer would get at a drive, without asking anybody for it now. */
  accessTo(path: string): Promise<Drive['access']>
  /** The ways that are open to this user, in turn; none where the user may open the drive. PERMISSION, with what can be done, where there is none. */
  waysTo(drive: Drive): Promise<readonly Elevation[]>
}

/** `remedyFor` says what makes a drive writable for its user. */
export function createRights(host: Host, remedyFor = remedyOnLinux): Rights {
  const { machine, clock } = host
  const asked: { silent: Promise<boolean> | null; udisks: Promise<string | null>; until: number } = {
    ...{ silent: null, udisks: Promise.resolve(''), until: 0 },
  }
  const isSudoSilent = (): Promise<boolean> => (asked.silent ??= isSudoSilentFor(host))
  const hasUdisks = async (): Promise<boolean> => {
    if (clock.now() >= asked.until) Object.assign(asked, { udisks: udisksProblem(host), until: clock.now() + UDISKS_MS })
    return (await asked.udisks) === null
  }

  /** Of a user who may not write the drive. */
  async function ways(): Promise<{ ways: readonly Elevation[]; mayAsk: boolean }> {
    const helper = await hasHelper(host)
    const hasSudo = (await host.programs.find('sudo')) !== null
    // At a terminal sudo asks; elsewhere it has to be set up to ask for nothing, and then nothing else asks before it.
    const isSilent = hasSudo && !machine.hasTerminal && !helper && (await isSudoSilent())
    const other = otherWay({ helper, sudo: hasSudo && (machine.hasTerminal || isSilent), hasTerminal: machine.hasTerminal })
    const others = other === null ? [] : [other]
    const udisks = isSilent ? 'udisks-unasked' : 'udisks'
    return { ways: (await hasUdisks()) ? [udisks, ...others] : others, mayAsk: !isSilent }
  }

  return {
    async accessTo(path) {
      if (await machine.canWrite(path)) return 'open'
      const found = await ways()
      if (found.ways.length === 0) return 'none'
      return found.mayAsk ? 'asks' : 'open'
    },
    async waysTo({ identity, name, virtual }) {
      if (virtual || (await machine.canWrite(identity.path))) return []
      const found = await ways()
      if (found.ways.length > 0) return found.ways
      throw new AppError('PERMISSION', `You may not write ${name} (${identity.path})`, remedyFor(identity.path))
    },
  }
}

/** The way beside udisks: whoever sits at a terminal is asked there. */
function otherWay({ helper, sudo, hasTerminal }: { helper: boolean; sudo: boolean; hasTerminal: boolean }): Elevation | null {
  if (helper && !(sudo && hasTerminal)) return 'helper'
  return sudo ? 'sudo' : null
}

/** How long an answer about udisks counts: it costs the start of a program. */
const UDISKS_MS = 60_000

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
