import { basename, dirname, resolve } from 'node:path'
import type { LayoutSource } from '../../contract/compose.ts'
import { type Recipe, type RecipeFile, recipeFile } from '../../contract/recipes.ts'
import type { Seed } from '../../contract/seed.ts'
import type { Files } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'
import { parseYaml } from '../lib/yaml-file.ts'
import { parseLayout } from './layout-file.ts'

const HINT = 'Correct it there; otabench flash --help shows an example.'

/**
 * What a recipe file says, with whole paths. BAD_INPUT with line and column for text that is no YAML, for unknown keys and for values that
 * cannot be; NOT_FOUND.
 */
export async function readRecipe(files: Files, path: string): Promise<Recipe> {
  const folder = dirname(resolve(path))
  const said = parseYaml(await textOf(files, path), basename(path), { schema: recipeFile, what: 'recipe', hint: HINT })
  const { name, image, verify, differential } = said
  return { name, image: resolve(folder, image), layout: await layoutOf(said, files, folder), verify, differential }
}

/** The recipe's seed goes over that of its layout. */
async function layoutOf({ layout, seed }: RecipeFile, files: Files, folder: string): Promise<LayoutSource | null> {
  if (layout === undefined) return null
  const path = typeof layout === 'string' ? resolve(folder, layout) : null
  if (path !== null && seed === undefined) return { path }
  const own = typeof layout === 'string' ? parseLayout(await textOf(files, resolve(folder, layout)), basename(layout)) : layout
  return {
    layout: { ...own, seed: seed === undefined ? own.seed : seededBy(own.seed, seed, folder) },
    folder: path === null ? folder : dirname(path),
  }
}

/** Paths of `seed` start at `folder`. */
function seededBy(own: Seed, seed: Seed, folder: string): Seed {
  const rooted = (['menderConf', 'ca', 'deviceKey'] as const).flatMap((key) => {
    const path = seed[key]
    return path === undefined ? [] : [[key, resolve(folder, path)] as const]
  })
  const files = seed.files.map((file) => (file.from === undefined ? file : { ...file, from: resolve(folder, file.from) }))
  return { ...own, ...seed, ...Object.fromEntries(rooted), files: [...own.files, ...files] }
}

async function textOf(files: Files, path: string): Promise<string> {
  return new TextDecoder().decode(await readWhole(files, path))
}
