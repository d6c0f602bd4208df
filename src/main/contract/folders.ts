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

/** A file of the computer that the page is on. */
const outgoing = z.object({ name: z.string().max(1000), sizeBytes: z.int().min(0) })

export const uploadPlan = z.object({
  /** Where they go: the bench's own uploads where no folder was named, or that one cannot be written. */
  folder: z.string(),
  files: z.array(
    z.object({
      name: z.string(),
      isThere: z.boolean(),
      /** A free name: all of them get the same number, so that an image and its map still belong together. */
      otherName: z.string(),
    }),
  ),
})
export type UploadPlan = z.infer<typeof uploadPlan>

/** Folders of the engine's machine, for a page that has no dialog of its own to choose files there. */
export const folders = {
  /** What is in a folder; null: where the person at that machine would begin. NOT_FOUND, PERMISSION, BAD_INPUT for what is no folder. */
  list: localAsk(z.object({ path: path.nullable() }), folderView),
  /**
   * Where files of the page's computer would go, each by PUT /ui/upload. BAD_INPUT for a name that a file is not given here, DISK_FULL where
   * they do not fit; NOT_FOUND and BAD_INPUT for a folder as above.
   */
  planUpload: localAsk(z.object({ folder: path.nullable(), files: z.array(outgoing).min(1).max(20) }), uploadPlan),
  /** Writes a text file, in the place of one that is there. */
  writeText: localCall(z.object({ path, text: z.string().max(1 << 20) }), nothing),
}
