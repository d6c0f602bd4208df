import { z } from 'zod'
import { localAsk } from './operations.ts'
import { path } from './sizes.ts'

/** What a file may be opened as. `recipe` is one to provision a board with, `flash-recipe` one to flash cards with. */
export const openKind = z.enum(['artifact', 'image', 'work-order', 'preauthorization', 'recipe', 'layout', 'flash-recipe'])
export type OpenKind = z.infer<typeof openKind>

export const opened = {
  /** As what a file can be opened, judged by its name and, of lists and recipes, by what they say: one, several where that leaves it open, or none and why. */
  tell: localAsk(z.object({ path }), z.object({ kinds: z.array(openKind), why: z.string() })),
}
