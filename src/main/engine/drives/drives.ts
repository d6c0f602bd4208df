import type { Drive, DriveIdentity } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import type { Changes } from '../lib/changes.ts'
import { type Choice, admit, ejectable } from '../safety/admit.ts'
import { sorted } from '../safety/drive-view.ts'
import type { InUse } from '../safety/facts.ts'
import { powerOff, settle } from './eject.ts'
import { type ListOptions, listLinux } from './linux.ts'
import { createLooker } from './look-into.ts'
import { awaitUsers, unmountAll } from './unmount.ts'
import { type VirtualDrives, createVirtualDrives } from './virtual-drives.ts'
import { watcher } from './watch-disks.ts'
import { type Elevation, createRights, writerCommand } from './writer-command.ts'

/** The drives of this machine, and those that are played by files. */
export interface Drives {
  /** Bumped when something changed, while somebody watches. */
  changes: Changes
  list(options?: { hasLoops?: boolean }): Promise<Drive[]>
  /** Looks for changes until it is disposed of. */
  watch(): Disposable
  /**
   * Makes a drive ready to be written, just before: it is looked at anew and has to be the chosen one, and it is unmounted. Answers how to
   * start `writer` for it. DRIVE_REMOVED, PERMISSION, BAD_INPUT, DRIVE_BUSY.
   */
  hold(choice: Choice, writer: readonly string[]): Promise<HeldDrive>
  /** Unmounts it and lets it out; whether its power is off. */
  eject(identity: DriveIdentity): Promise<{ isPoweredOff: boolean }>
  virtual: VirtualDrives
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
}

export function createDrives({ host, folder, ownFolders, onDefect }: DrivesOptions): Drives {
  const virtual = createVirtualDrives({ files: host.files, folder })
  const { changes } = virtual
  const looker = createLooker(host, changes)
  const rights = createRights(host)
  const listReal = async (options: ListOptions): Promise<Drive[]> =>
    host.machine.platform === 'linux' ? listLinux({ host, ownFolders, looker, rights }, options) : []
  const listAll = async (options: ListOptions): Promise<Drive[]> => sorted([...(await listReal(options)), ...(await virtual.list())])
  const look = (choice: Choice): Promise<Drive[]> => listAll({ hasLoops: true, chosen: choice.identity.path })

  /** The chosen drive as it is now, with nothing of it mounted. */
  async function freed(choice: Choice): Promise<{ drive: Drive; elevation: Elevation }> {
    const before = admit(await look(choice), choice)
    const elevation = await rights.elevationFor(before)
    await unmountAll(host, before, elevation)
    await awaitUsers(host, before)
    const drive = before.mountedAt.length === 0 ? before : admit(await look(choice), choice)
    if (drive.mountedAt.length > 0)
      throw new AppError(
        'DRIVE_BUSY',
        `${drive.name} was mounted again at ${drive.mountedAt.join(', ')}`,
        'Close what mounts it, and try again.',
      )
    return { drive, elevation }
  }

  return {
    changes,
    virtual,
    list: (options = {}) => listAll(options),
    async hold(choice, writer) {
      const { drive, elevation } = await freed(choice)
      const release = async (): Promise<void> => {
        if (!drive.virtual) await settle(host)
        changes.bump()
      }
      return { drive, command: writerCommand(drive, writer, elevation), release }
    },
    async eject(identity) {
      const drive = ejectable(await listAll({ hasLoops: true }), identity)
      await unmountAll(host, drive, 'none')
      // It may be written right now.
      await awaitUsers(host, drive)
      const isPoweredOff = await powerOff(host, drive)
      changes.bump()
      return { isPoweredOff }
    },
    watch: watcher(host, { changes, folder, onDefect }),
  }
}
