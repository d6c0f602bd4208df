import type { Drive } from '../../contract/drives.ts'
import { createDrives } from '../../engine/drives/drives.ts'
import { driveCalled } from '../../engine/safety/admit.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'

/** A card that is read: a drive by its path or name, else a file. It may be one that another engine has, for nothing is changed. */
export async function cardCalled(named: string, { host, cwd, globals }: CliContext): Promise<{ path: string; drive: Drive | null }> {
  const path = absolute(cwd, named)
  if ((await host.files.stat(path))?.kind === 'file') return { path, drive: null }
  const drives = createDrives({ host, folder: `${globals().data}/virtual-drives`, ownFolders: [], onDefect: () => undefined })
  const all = await drives.list({ hasLoops: true })
  const drive = driveCalled(all, named) ?? driveCalled(all, path)
  return { path: drive?.identity.path ?? path, drive }
}
