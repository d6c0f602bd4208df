import type { EditableFileSystem } from '../image/file-system.ts'

/** Where the client keeps its state. */
export const STATE = '/var/lib/mender'

/** The folder and those above it, unless something is there. */
export async function makeFolder(slot: EditableFileSystem, path: string, modifiedAt: number): Promise<void> {
  if (!(await slot.stat(path))) await slot.makeFolder(path, { modifiedAt, hasParents: true })
}

/** The state of the client lives in the data partition: a folder that was there before is lost. */
export async function linkState(slot: EditableFileSystem, modifiedAt: number): Promise<void> {
  const there = await slot.stat(STATE)
  if (there?.kind === 'link') return
  if (there) await slot.remove(STATE, { isRecursive: true })
  await makeFolder(slot, '/var/lib', modifiedAt)
  await slot.makeLink(STATE, { target: '/data/mender', modifiedAt })
}
