import type { Drive } from '../../contract/drives.ts'
import { driveOf, namesOf } from '../safety/drive-view.ts'
import { type SystemFiles, systemFiles } from '../lib/system-files.ts'
import type { InUse } from '../safety/facts.ts'
import { LINUX } from '../safety/places.ts'
import { parseMounts, parseSwaps } from '../safety/mounts.ts'
import { powerOff, settle } from './eject.ts'
import { awaitUsers, unmountAll } from './unmount.ts'
import { fingerprint, followKernel } from './watch-kernel.ts'
import type { DriveSystem, ListOptions, SystemGround } from './drive-system.ts'
import { readDisks } from './read-disks.ts'
import { type Rights, createRights, writerCommand } from './writer-command.ts'

/** The drives of a Linux machine. */
export function linuxSystem(ground: SystemGround): DriveSystem {
  const { host } = ground
  const rights = createRights(host)
  return {
    rights,
    list: (options) => listLinux({ ...ground, rights }, options),
    fingerprint: () => fingerprint(systemFiles(host.files)),
    follow: (heard, signal) => followKernel(host.programs, heard, signal),
    async free(drive, { ways }) {
      await unmountAll(host, drive, ways)
      await awaitUsers(host, drive)
    },
    command: (drive, writer, ways) => writerCommand(drive, { writer, opener: host.programs.opener }, ways),
    async letOut(drive) {
      await unmountAll(host, drive, [])
      // It may be written right now.
      await awaitUsers(host, drive)
      return powerOff(host, drive)
    },
    settle: () => settle(host),
  }
}

interface Ground extends SystemGround {
  rights: Pick<Rights, 'accessTo'>
}

interface LinuxOptions extends ListOptions {
  /** A folder with the files of another machine. */
  root?: string
}

/** The drives, each with its verdict. */
export async function listLinux(
  { host, ownFolders, looker, rights }: Ground,
  { root, chosen, ...options }: LinuxOptions,
): Promise<Drive[]> {
  const system = systemFiles(host.files, root)
  const disks = await readDisks(system, options)
  const inUse = await readInUse(system, ownFolders)
  const names = namesOf(disks)
  return Promise.all(
    disks.map(async (seen, index) => {
      const { disk, mender } = await (seen.identity.path === chosen ? looker.now(seen) : looker.atOnce(seen))
      const access = await rights.accessTo(disk.identity.path)
      return driveOf(disk, names[index] ?? disk.kernelName, { inUse, access, mender })
    }),
  )
}

/** What the machine is using, out of /proc. */
async function readInUse(system: SystemFiles, ownFolders: InUse['ownFolders']): Promise<InUse> {
  const [mounts, swaps] = await Promise.all([system.text('/proc/self/mountinfo'), system.text('/proc/swaps')])
  return { mounts: parseMounts(mounts), swaps: parseSwaps(swaps), ownFolders, places: LINUX }
}
