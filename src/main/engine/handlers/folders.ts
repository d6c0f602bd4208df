import { dirname, join, resolve } from 'node:path'
import { type FolderEntry, type FolderView, MAX_SHOWN } from '../../contract/folders.ts'
import type { Files } from '../host.ts'
import { writeAtomic } from '../lib/file-streams.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { machineUploads, planUpload, requireFolder } from '../server/machine-uploads.ts'

export function folderHandlers(os: Operations, { host, dataFolder }: Pick<EngineParts, 'host' | 'dataFolder'>) {
  const home = (): string => host.machine.environment('HOME') ?? host.machine.environment('USERPROFILE') ?? dataFolder
  return {
    list: os.folders.list.handler(({ input }) => viewOf(host.files, resolve(input.path ?? home()))),
    planUpload: os.folders.planUpload.handler(({ input }) => planUpload(machineUploads({ host, dataFolder }), input)),
    writeText: os.folders.writeText.handler(async ({ input: { path, text } }) => {
      // What only its owner may read stays so.
      const there = await host.files.stat(path)
      await writeAtomic(host.files, path, new TextEncoder().encode(text), there ? there.mode & 0o777 : undefined)
    }),
  }
}

async function viewOf(files: Files, path: string): Promise<FolderView> {
  await requireFolder(files, path)
  const names = await files.list(path)
  const shown = names.slice(0, MAX_SHOWN)
  const entries = (await Promise.all(shown.map((name) => entryOf(files, join(path, name), name)))).filter((entry) => entry !== null)
  const above = dirname(path)
  return { path, parent: above === path ? null : above, entries: entries.toSorted(byKind), more: names.length - shown.length }
}

/** null for what is neither a file nor a folder, or cannot be looked at. */
async function entryOf(files: Files, path: string, name: string): Promise<FolderEntry | null> {
  const found = await files.stat(path).catch(() => null)
  if (found?.kind !== 'file' && found?.kind !== 'folder') return null
  return { name, path, kind: found.kind, sizeBytes: found.sizeBytes, modifiedAt: Math.floor(found.modifiedAt) }
}

/** Folders before files, and what is hidden behind both. */
function byKind(one: FolderEntry, other: FolderEntry): number {
  return rankOf(one) - rankOf(other) || (one.name < other.name ? -1 : 1)
}

const rankOf = ({ kind, name }: FolderEntry): number => (name.startsWith('.') ? 2 : 0) + (kind === 'folder' ? 0 : 1)
