import { z } from 'zod'
import { live, nothing } from './operations.ts'

/** One thing that the machine needs for a part of the bench. */
export const finding = z.object({
  /** Stays the same from version to version: `drives.access`. */
  id: z.string(),
  /** What was looked at: `Writing to card readers`. */
  title: z.string(),
  /** `lacks`: something does not work. `partly`: it works with less comfort. */
  state: z.enum(['good', 'partly', 'lacks']),
  /** What was found. */
  text: z.string(),
  /** What to do, a command where there is one; empty when all is good. */
  remedy: z.string(),
})
export type Finding = z.infer<typeof finding>

export const doctor = {
  list: live(nothing, z.array(finding)),
}
