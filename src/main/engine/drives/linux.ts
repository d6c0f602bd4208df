import type { Drive } from '../../contract/drives.ts'
import type { Host } from '../host.ts'
import { driveOf, namesOf } from '../safety/drive-view.ts'
import type { InUse } from '../safety/facts.ts'
import { parseMounts, parseSwaps } from '../safety/mounts.ts'
import type { Looker } from './look-into.ts'
import { type ReadOptions, readDisks } from './read-disks.ts'
import { SystemFiles } from './system-files.ts'

interface Ground {
  host: Host
  ownFolders: InUse['ownFolders']
  looker: Looker
}

/** The drives of a Linux machine, each with its verdict. */
export async function listLinux({ host, ownFolders, looker }: Ground, options: ReadOptions): Promise<Drive[]> {
  const disks = await readDisks(host.files, options)
  const inUse = await readInUse(host, ownFolders, options.root)
  const names = namesOf(disks)
  return Promise.all(
    disks.map(async (seen, index) => {
      const { disk, mender } = await looker.atOnce(seen)
      const access = await accessOf(host, disk.identity.path)
      return driveOf(disk, names[index] ?? disk.kernelName, { inUse, access, mender })
    }),
  )
}

/** What the machine is using, out of /proc. `root` is a folder with another machine's files. */
export async function readInUse({ files }: Pick<Host, 'files'>, ownFolders: InUse['ownFolders'], root = ''): Promise<InUse> {
  const system = new SystemFiles(files, root)
  const [mounts, swaps] = await Promise.all([system.text('/proc/self/mountinfo'), system.text('/proc/swaps')])
  return { mounts: parseMounts(mounts), swaps: parseSwaps(swaps), ownFolders }
}

async function accessOf({ machine, programs }: Host, path: string): Promise<Drive['access']> {
  if (await machine.canWrite(path)) return 'open'
  return (await programs.find('pkexec')) === null ? 'none' : 'asks'
}
