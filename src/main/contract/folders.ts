import { z } from 'zod'
import { instant, localAsk, localCall, nothing } from './operations.ts'
import { path } from './sizes.ts'

/** So much of a folder is shown. */
export const MAX_SHOWN = 5000

const folderEntry = z.object({
  name: z.string(),
  path: z.string(),
  kind: z.enum(['folder', 'file']),
  sizeBytes: z.number(),
  modifiedAt: instant,
})
export type FolderEntry = z.infer<typeof folderEntry>

export const folderView = z.object({
  path: z.string(),
  /** null at the root. */
  parent: z.string().nullable(),
  /** Folders first, what is hidden last, by their names. Neither devices nor what cannot be looked at. */
  entries: z.array(folderEntry),
  /** What was left out beyond MAX_SHOWN. */
  more: z.int(),
})
export type FolderView = z.infer<typeof folderView>

/** Folders of the engine's machine, for a page that has no dialog of its own to choose files there. */
export const folders = {
  /** What is in a folder; null: where the person at that machine would begin. NOT_FOUND, PERMISSION, BAD_INPUT for what is no folder. */
  list: localAsk(z.object({ path: path.nullable() }), folderView),
  /** Writes a text file, in the place of one that is there. */
  writeText: localCall(z.object({ path, text: z.string().max(1 << 20) }), nothing),
}
