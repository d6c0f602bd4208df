import type { Drive, DriveIdentity } from '../../contract/drives.ts'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import type { Changes } from '../lib/changes.ts'
import { type Choice, admit, ejectable } from '../safety/admit.ts'
import { sorted } from '../safety/drive-view.ts'
import type { InUse } from '../safety/facts.ts'
import type { DriveSystem, ListOptions, SystemGround } from './drive-system.ts'
import { type AskDrivelist, askDrivelist } from './drivelist.ts'
import { linuxSystem } from './linux.ts'
import { createLooker } from './look-into.ts'
import { macosSystem } from './macos.ts'
import { type VirtualDrives, createVirtualDrives } from './virtual-drives.ts'
import { watcher } from './watch-disks.ts'
import { windowsSystem } from './windows.ts'
import type { Elevation } from './writer-command.ts'

/** The drives of this machine, and those that are played by files. */
export interface Drives {
  /** Bumped when something changed, while somebody watches. */
  changes: Changes
  /** TOOL_MISSING where the system's own cannot be listed; with `canBePartial` the virtual ones alone. */
  list(options?: { hasLoops?: boolean; canBePartial?: boolean }): Promise<Drive[]>
  /** Looks for changes until it is disposed of. */
  watch(): Disposable
  /**
   * Makes a drive ready to be written, just before: it is looked at anew and has to be the chosen one, and it is unmounted. Answers how to
   * start `writer` for it. DRIVE_REMOVED, PERMISSION, BAD_INPUT, DRIVE_BUSY.
   */
  hold(choice: HeldChoice, writer: readonly string[]): Promise<HeldDrive>
  /** Unmounts it and lets it out; whether its power is off. */
  eject(identity: DriveIdentity): Promise<{ isPoweredOff: boolean }>
  virtual: VirtualDrives
}

/** A drive that was chosen, and the partition that alone is written of it. */
interface HeldChoice extends Choice {
  partition?: number | null
}

/** A drive that is about to be written. */
export interface HeldDrive {
  drive: Drive
  /** Starts the writer; the drive's path has to be its last argument. */
  command: readonly string[]
  /** When it was written, or has failed: waits until the system has looked at what is on it now. */
  release(): Promise<void>
}

export interface DrivesOptions {
  host: Host
  /** Of the virtual drives. */
  folder: string
  /** Folders that must not be lost: the data folder, the program's own. */
  ownFolders: InUse['ownFolders']
  onDefect(thrown: unknown): void
  /** What tells of the drives on macOS and Windows. */
  askDrivelist?: AskDrivelist
}

export function createDrives({ host, folder, ownFolders, onDefect, askDrivelist: ask = askDrivelist }: DrivesOptions): Drives {
  const virtual = createVirtualDrives({ files: host.files, folder })
  const { changes } = virtual
  const system = systemOf({ host, ownFolders, looker: createLooker(host, changes) }, ask)
  const listAll = async (options: ListOptions): Promise<Drive[]> => sorted([...(await system.list(options)), ...(await virtual.list())])
  const look = ({ path }: DriveIdentity): Promise<Drive[]> =>
    path.startsWith(`${folder}/`) ? virtual.list() : listAll({ hasLoops: true, chosen: path })

  /** The chosen drive as it is now, with nothing of it mounted. */
  async function freed({ partition = null, ...choice }: HeldChoice): Promise<{ drive: Drive; ways: readonly Elevation[] }> {
    const before = admit(await look(choice.identity), choice)
    if (before.virtual) return { drive: before, ways: [] }
    const ways = await system.rights.waysTo(before)
    await system.free(before, { ways, isPart: partition !== null })
    // As long as it was mounted, or another program had it open, the system may have told what it had read of it before.
    const drive = admit(await look(choice.identity), choice)
    if (drive.mountedAt.length > 0)
      throw new AppError(
        'DRIVE_BUSY',
        `${drive.name} was mounted again at ${drive.mountedAt.join(', ')}`,
        'Close what mounts it, and try again.',
      )
    return { drive, ways }
  }

  return {
    changes,
    virtual,
    list: ({ canBePartial = false, ...options } = {}) =>
      listAll(options).catch((thrown: unknown) => {
        if (canBePartial && toAppError(thrown).code === 'TOOL_MISSING') return virtual.list()
        throw thrown
      }),
    async hold(choice, writer) {
      const { drive, ways } = await freed(choice)
      const release = async (): Promise<void> => {
        if (!drive.virtual) await system.settle()
        changes.bump()
      }
      return { drive, command: drive.virtual ? writer : system.command(drive, writer, ways), release }
    },
    async eject(identity) {
      const drive = ejectable(await look(identity), identity)
      const isPoweredOff = drive.virtual ? false : await system.letOut(drive)
      changes.bump()
      return { isPoweredOff }
    },
    watch: watcher(host, { system, changes, folder, onDefect }),
  }
}

function systemOf(ground: SystemGround, ask: AskDrivelist): DriveSystem {
  const { platform } = ground.host.machine
  if (platform === 'macos') return macosSystem(ground, ask)
  return platform === 'windows' ? windowsSystem(ground, ask) : linuxSystem(ground)
}
