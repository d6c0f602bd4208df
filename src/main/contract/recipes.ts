import { z } from 'zod'
import { layoutSource } from './compose.ts'
import { localCall, localLive, nothing } from './operations.ts'
import { path } from './sizes.ts'

const name = z.string().min(1).max(100)

/** What is flashed again and again: an image, the layout with its seed that the image is composed of, and how it is written. */
export const recipe = z.object({
  /** No two recipes share one. */
  name,
  /** The image file; of a recipe with a layout, where it is composed to. */
  image: path,
  /** null for an image that is there. */
  layout: layoutSource.nullable(),
  verify: z.boolean(),
  differential: z.boolean(),
})
export type Recipe = z.infer<typeof recipe>

export const recipes = {
  /** By their names. */
  list: localLive(nothing, z.array(recipe)),
  /** Takes the place of the one that has this name. */
  save: localCall(recipe, nothing),
  remove: localCall(z.object({ name }), nothing),
}
