import { z } from 'zod'
import { instant } from './operations.ts'

/** A file inside a file system that an artifact, an image or a drive holds. */
export const insideFile = z.object({
  /** Absolute. */
  path: z.string(),
  name: z.string(),
  kind: z.enum(['file', 'folder', 'link', 'character device', 'block device', 'fifo', 'socket']),
  /** Permission bits in octal, four digits. */
  mode: z.string(),
  uid: z.number().int(),
  gid: z.number().int(),
  sizeBytes: z.number(),
  modifiedAt: instant,
  /** null of everything but a link. */
  linkTarget: z.string().nullable(),
})
export type InsideFile = z.infer<typeof insideFile>
