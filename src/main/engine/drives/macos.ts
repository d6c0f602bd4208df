import type { Drive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import { LIST_DISKS, parseDisks } from '../safety/diskutil.ts'
import { diskOf, nameOf } from '../safety/listed-disk.ts'
import { MACOS } from '../safety/places.ts'
import type { DriveSystem, SystemGround } from './drive-system.ts'
import { type AskDrivelist, answerAsText, drivesOf, listed } from './drivelist.ts'
import { createRights } from './writer-command.ts'

const REMEDY = 'Flash it from a terminal, where sudo asks for your password: otabench flash …'

/** The drives of a Mac: what each is by drivelist, what lies on it by diskutil, which knows whose partition a volume of APFS lies in. */
export function macosSystem({ host, ownFolders }: SystemGround, ask: AskDrivelist): DriveSystem {
  const { programs } = host
  const rights = createRights(host, () => REMEDY)

  async function list(): Promise<Drive[]> {
    const found = await listed(ask)
    const [program = '', ...args] = LIST_DISKS
    const { exitCode, stdout, stderr } = await programs.run(program, args)
    if (exitCode !== 0)
      throw new AppError('TOOL_MISSING', `diskutil does not tell what lies on the drives: ${lastLine(stderr)}`, 'See: diskutil list')
    const { partitions, mounts } = parseDisks(JSON.parse(stdout))
    const disks = found.flatMap((disk) => {
      const volumes = partitions.get(nameOf(disk.device))
      return disk.isVirtual === true || volumes === undefined ? [] : [diskOf(disk, volumes)]
    })
    return drivesOf(disks, { mounts, swaps: [], ownFolders, places: MACOS }, rights)
  }

  /** Each volume for itself: those of APFS lie on a disk of their own. Never by force. */
  async function unmount({ name, mountedAt }: Drive): Promise<void> {
    for (const target of mountedAt.toReversed()) {
      const { exitCode, stdout, stderr } = await programs.run('diskutil', ['unmount', target])
      if (exitCode === 0) continue
      const problem = lastLine(`${stdout}\n${stderr}`)
      throw new AppError('DRIVE_BUSY', `${name} is in use at ${target}: ${problem}`, 'Close the programs that use it, and try again.')
    }
  }

  return {
    ...{ list, rights, fingerprint: () => answerAsText(ask), follow: nothing, settle: nothing },
    free: unmount,
    command: (_, writer, [way]) => (way === 'sudo' ? ['sudo', '--', ...writer] : writer),
    async letOut(drive) {
      await unmount(drive)
      return (await programs.run('diskutil', ['eject', drive.identity.path])).exitCode === 0
    },
  }
}

async function nothing(): Promise<void> {}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
