import type { Drive } from '../../contract/drives.ts'
import type { Host } from '../host.ts'
import type { Changes } from '../lib/changes.ts'
import { driveOf, namesOf, sorted } from '../safety/drive-view.ts'
import type { InUse } from '../safety/facts.ts'
import { parseMounts, parseSwaps } from '../safety/mounts.ts'
import { type ReadOptions, readDisks } from './read-disks.ts'
import { SystemFiles } from './system-files.ts'
import { type VirtualDrives, createVirtualDrives } from './virtual-drives.ts'
import { watchDisks } from './watch-disks.ts'

/** The drives of this machine, and those that are played by files. */
export interface Drives {
  /** Bumped when something changed, while somebody watches. */
  changes: Changes
  list(options?: { hasLoops?: boolean }): Promise<Drive[]>
  /** Looks for changes until it is disposed of. */
  watch(): Disposable
  virtual: VirtualDrives
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
  const watchers = new Set<symbol>()
  const watching = { abort: new AbortController() }
  return {
    changes,
    virtual,
    async list({ hasLoops = false } = {}) {
      const real = host.machine.platform === 'linux' ? await listLinux(host, { hasLoops, ownFolders }) : []
      return sorted([...real, ...(await virtual.list())])
    },
    watch() {
      const watcher = Symbol('watcher')
      if (watchers.size === 0) {
        watching.abort = new AbortController()
        void watchDisks(host, changes, watching.abort.signal).catch(onDefect)
      }
      watchers.add(watcher)
      return {
        [Symbol.dispose]() {
          watchers.delete(watcher)
          if (watchers.size === 0) watching.abort.abort()
        },
      }
    },
  }
}

interface ListOptions extends ReadOptions {
  ownFolders: InUse['ownFolders']
}

/** `root` is a folder with another machine's files. */
async function listLinux(host: Host, { ownFolders, ...options }: ListOptions): Promise<Drive[]> {
  const disks = await readDisks(host.files, options)
  const inUse = await readInUse(host, ownFolders, options.root)
  const names = namesOf(disks)
  return Promise.all(
    disks.map(async (disk, index) => {
      const access = await accessOf(host, disk.identity.path)
      return driveOf(disk, names[index] ?? disk.kernelName, { inUse, access, mender: null })
    }),
  )
}

/** What the machine is using, out of /proc. */
export async function readInUse({ files }: Pick<Host, 'files'>, ownFolders: InUse['ownFolders'], root = ''): Promise<InUse> {
  const system = new SystemFiles(files, root)
  const [mounts, swaps] = await Promise.all([system.text('/proc/self/mountinfo'), system.text('/proc/swaps')])
  return { mounts: parseMounts(mounts), swaps: parseSwaps(swaps), ownFolders }
}

async function accessOf({ machine, programs }: Host, path: string): Promise<Drive['access']> {
  if (await machine.canWrite(path)) return 'open'
  return (await programs.find('pkexec')) === null ? 'none' : 'asks'
}
