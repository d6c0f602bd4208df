import type { Drive } from '../../contract/drives.ts'
import type { Host } from '../host.ts'
import { driveOf, namesOf } from '../safety/drive-view.ts'
import { type SystemFiles, systemFiles } from '../lib/system-files.ts'
import type { InUse } from '../safety/facts.ts'
import { parseMounts, parseSwaps } from '../safety/mounts.ts'
import type { Looker } from './look-into.ts'
import { type ReadOptions, readDisks } from './read-disks.ts'
import type { Rights } from './writer-command.ts'

interface Ground {
  host: Host
  ownFolders: InUse['ownFolders']
  looker: Looker
  rights: Pick<Rights, 'accessTo'>
}

export interface ListOptions extends ReadOptions {
  /** A folder with the files of another machine. */
  root?: string
  /** The path of the one that is about to be written: it is looked into now, however long that takes. */
  chosen?: string
}

/** The drives of a Linux machine, each with its verdict. */
export async function listLinux({ host, ownFolders, looker, rights }: Ground, { root, chosen, ...options }: ListOptions): Promise<Drive[]> {
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
  return { mounts: parseMounts(mounts), swaps: parseSwaps(swaps), ownFolders }
}
