import type { Drive } from '../../contract/drives.ts'
import { createDrives } from '../../engine/drives/drives.ts'
import { driveCalled } from '../../engine/safety/admit.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'

/** The drive of that path or name, also by a link to it, as `/dev/disk` has them; null when there is none. BAD_INPUT where several are called so. */
export async function driveNamed(drives: readonly Drive[], named: string, { host: { files }, cwd }: CliContext): Promise<Drive | null> {
  const path = absolute(cwd, named)
  const found = driveCalled(drives, named) ?? driveCalled(drives, path)
  const device = found === null ? await files.stat(path) : null
  if (device?.kind !== 'disk') return found
  for (const drive of drives) if ((await files.stat(drive.identity.path))?.fileId === device.fileId) return drive
  return null
}

/** A card that is read: a drive by its path or name, else a file. It may be one that another engine has, for nothing is changed. */
export async function cardCalled(named: string, context: CliContext): Promise<{ path: string; drive: Drive | null }> {
  const { host, cwd, globals } = context
  const path = absolute(cwd, named)
  if ((await host.files.stat(path))?.kind === 'file') return { path, drive: null }
  const drives = createDrives({ host, folder: `${globals().data}/virtual-drives`, ownFolders: [], onDefect: () => undefined })
  const all = await drives.list({ hasLoops: true })
  const drive = await driveNamed(all, named, context)
  return { path: drive?.identity.path ?? path, drive }
}
