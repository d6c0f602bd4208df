import { fileKind } from '@contract/file-kinds.ts'
import type { Recipe } from '@contract/recipes.ts'
import { useOpenFiles } from '../../app/file-openers.ts'
import { useFlash } from './flash-state.ts'
import { useCompose } from './use-compose.ts'

export interface RecipeView {
  /** Makes its image the chosen one: with a layout it is composed anew, from what its files are now. */
  use: (recipe: Recipe) => void
  /** Takes the file as the image, also an artifact; a recipe, or a list, is opened where it belongs. */
  open: (path: string) => void
  isBusy: boolean
  /** Composes it. */
  jobId: string | null
}

export function useRecipe(): RecipeView {
  const { chooseImage, set } = useFlash()
  const compose = useCompose()
  const openFiles = useOpenFiles()
  function use({ image, layout, verify, differential }: Recipe): void {
    set({ verify, differential })
    if (layout === null) chooseImage(image)
    else compose.start(layout, image)
  }
  function open(path: string): void {
    const kind = fileKind(path)
    if (kind === 'recipe' || kind === 'list') openFiles([path])
    else chooseImage(path)
  }
  return { use, open, isBusy: compose.isBusy, jobId: compose.jobId }
}
