import { type Recipe, recipe } from '../../contract/recipe.ts'
import { parseYaml } from '../lib/yaml-file.ts'

const HINT = 'Correct it there; resources/recipes/debian-board.yaml shows what there is.'

/** The recipe that a file says; `where` is its name in errors. BAD_INPUT with line and column. */
export function parseRecipe(text: string, where: string): Recipe {
  return parseYaml(text, where, { schema: recipe, what: 'recipe', hint: HINT })
}
