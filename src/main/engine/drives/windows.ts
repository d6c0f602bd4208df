import { AppError } from '../../contract/errors.ts'
import type { Mount } from '../safety/facts.ts'
import { diskOf, nameOf } from '../safety/listed-disk.ts'
import { windows } from '../safety/places.ts'
import type { DriveSystem, SystemGround } from './drive-system.ts'
import { type AskDrivelist, type Listed, answerAsText, drivesOf, listed } from './drivelist.ts'
import type { Rights } from './writer-command.ts'

/** The drives of a Windows machine, as drivelist tells them. */
export function windowsSystem({ host, ownFolders }: SystemGround, ask: AskDrivelist): DriveSystem {
  const { programs, machine } = host
  const inSystem = (program: string): string => `${machine.environment('SystemRoot') ?? 'C:\\Windows'}\\System32\\${program}`
  const rights = rightsOf(async () => {
    const { stdout } = await programs.run(inSystem('whoami.exe'), ['/groups'])
    return ELEVATED.some((label) => stdout.includes(label))
  })
  const places = windows(machine.environment('SystemDrive') ?? 'C:')
  const folders = ownFolders.map(({ path, what }) => ({ path: comparable(path), what }))

  return {
    rights,
    ...{ fingerprint: () => answerAsText(ask), follow: nothing, settle: nothing },
    async list() {
      const found = await listed(ask)
      const disks = found.map((disk) => diskOf(disk, []))
      return drivesOf(disks, { mounts: found.flatMap(mountsOf), swaps: [], ownFolders: folders, places }, rights)
    },
    async free({ name, identity }, { isPart }) {
      if (isPart)
        throw new AppError(
          'BAD_INPUT',
          `A part of ${name} cannot be written: Windows lets go of whole drives alone`,
          'Flash an image of the whole card, or do this on Linux or macOS.',
        )
      const number = /\d+$/.exec(identity.path)?.[0] ?? ''
      // Its commands come by its standard input: a file of them could be changed by others, and this program may do everything.
      const diskpart = programs.start(inSystem('diskpart.exe'), [])
      diskpart.write(`select disk ${number}\r\nclean\r\nexit\r\n`)
      diskpart.endInput()
      for await (const _ of diskpart.output);
      const { exitCode } = await diskpart.ended
      if (exitCode !== 0)
        throw new AppError('DRIVE_BUSY', `diskpart could not free ${name} (code ${exitCode})`, 'Close what shows it, and try again.')
    },
    command: (_, writer) => writer,
    async letOut({ name, mountedAt }) {
      if (mountedAt.length === 0) return false
      const hint = 'Let it out by “Safely Remove Hardware” of the taskbar.'
      throw new AppError('DRIVE_BUSY', `${name} is mounted at ${mountedAt.join(', ')}, which only Windows itself can end`, hint)
    },
  }
}

/** The integrity levels, as SIDs, of a program that an administrator has started as such, and of a service. */
const ELEVATED = ['S-1-16-12288', 'S-1-16-16384']

function rightsOf(isElevated: () => Promise<boolean>): Rights {
  const asked: { elevated: Promise<boolean> | null } = { elevated: null }
  const mayWrite = (): Promise<boolean> => (asked.elevated ??= isElevated())
  return {
    accessTo: async () => ((await mayWrite()) ? 'open' : 'none'),
    async waysTo({ identity, name }) {
      if (await mayWrite()) return []
      const hint = 'Start it again in a terminal that you have opened with “Run as administrator”.'
      throw new AppError('PERMISSION', `You may not write ${name} (${identity.path})`, hint)
    },
  }
}

function mountsOf({ device, mountpoints }: Listed): Mount[] {
  const numbers = nameOf(device)
  return mountpoints.map(({ path }) => ({ numbers, root: '/', target: comparable(path), fileSystem: '', source: device }))
}

/** `e:\bench` as `E:/bench`, `E:\` as `E:`. */
function comparable(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/\/$/, '')
    .replace(/^[a-z]:/, (letter) => letter.toUpperCase())
}

async function nothing(): Promise<void> {}
