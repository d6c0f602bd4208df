import { z } from 'zod'
import { cardLayout } from './card-layout.ts'
import { layoutSource } from './compose.ts'
import { localAsk, localCall, localLive, nothing } from './operations.ts'
import { seed } from './seed.ts'
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

/** What a recipe file says: a recipe to be kept in git, beside what it names. Paths start at its folder. */
export const recipeFile = z
  .strictObject({
    version: z.literal(1),
    name,
    image: path,
    /** A layout file, or what would stand in one. */
    layout: z.union([path, cardLayout]).optional(),
    /** Over the seed of the layout. */
    seed: seed.optional(),
    verify: z.boolean().default(true),
    differential: z.boolean().default(false),
  })
  .superRefine(({ layout, seed: own }, context) => {
    if (own !== undefined && layout === undefined)
      context.addIssue({ code: 'custom', path: ['seed'], message: 'a seed goes into what is composed: say its layout' })
  })
export type RecipeFile = z.infer<typeof recipeFile>

export const recipes = {
  /** By their names. */
  list: localLive(nothing, z.array(recipe)),
  /** Takes the place of the one that has this name. */
  save: localCall(recipe, nothing),
  /** What a recipe file says. BAD_INPUT with line and column, NOT_FOUND. */
  read: localAsk(z.object({ path }), recipe),
  /** Writes a recipe file that says it; paths of what lies beside the file start there. */
  write: localCall(z.object({ recipe, path }), nothing),
  remove: localCall(z.object({ name }), nothing),
}
