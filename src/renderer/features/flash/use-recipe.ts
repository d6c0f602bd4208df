import type { Recipe } from '@contract/recipes.ts'
import { useAction } from '../../app/use-action.ts'
import { useFlash } from './flash-state.ts'
import { useCompose } from './use-compose.ts'

export interface RecipeView {
  /** Makes its image the chosen one: with a layout it is composed anew, from what its files are now. */
  use: (recipe: Recipe) => void
  /** Takes the file as the image or, if it is a recipe, keeps that and uses it. */
  open: (path: string) => void
  isBusy: boolean
  /** Composes it. */
  jobId: string | null
}

export function useRecipe(): RecipeView {
  const { chooseImage, set } = useFlash()
  const compose = useCompose()
  function use({ image, layout, verify, differential }: Recipe): void {
    set({ verify, differential })
    if (layout === null) chooseImage(image)
    else compose.start(layout, image)
  }
  const read = useAction(
    async (engine, path: string) => {
      const recipe = await engine.recipes.read({ path })
      await engine.recipes.save(recipe)
      return recipe
    },
    (recipe) => use(recipe),
  )
  function open(path: string): void {
    if (!/\.ya?ml$/i.test(path)) return chooseImage(path)
    chooseImage(null)
    read.run(path)
  }
  return { use, open, isBusy: compose.isBusy || read.isBusy, jobId: compose.jobId }
}
