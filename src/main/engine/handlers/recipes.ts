import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { type Recipe, recipe } from '../../contract/recipes.ts'
import { readRecipe, writeRecipe } from '../compose/flash-recipe.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { compareNaturally } from '../lib/natural-order.ts'
import { live } from './live.ts'

const SETTING = 'recipes'
const MOST = 500

export function recipeHandlers(os: Operations, { host, store: { settings }, changes }: Pick<EngineParts, 'host' | 'store' | 'changes'>) {
  const all = (): Recipe[] => settings.get(SETTING, z.array(recipe)) ?? []
  const others = (name: string): Recipe[] => all().filter((each) => each.name !== name)
  return {
    list: os.recipes.list.handler(live([changes.settings], all)),
    save: os.recipes.save.handler(({ input }) => {
      const kept = [...others(input.name), input]
      if (kept.length > MOST) throw new AppError('BAD_INPUT', `There are ${MOST} recipes already`, 'Remove one first.')
      settings.set(
        SETTING,
        kept.toSorted((one, other) => compareNaturally(one.name, other.name)),
      )
    }),
    read: os.recipes.read.handler(({ input }) => readRecipe(host.files, input.path)),
    write: os.recipes.write.handler(({ input: { recipe: said, path } }) => writeRecipe(host.files, said, path)),
    remove: os.recipes.remove.handler(({ input }) => settings.set(SETTING, others(input.name))),
  }
}
