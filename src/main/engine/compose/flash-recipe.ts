import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import type { LayoutSource } from '../../contract/compose.ts'
import { type Recipe, type RecipeFile, recipeFile } from '../../contract/recipes.ts'
import type { Seed } from '../../contract/seed.ts'
import type { Files } from '../host.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import { parseYaml, yamlText } from '../lib/yaml-file.ts'
import { parseLayout } from './layout-file.ts'
import { layoutWithPaths, seedWithPaths } from './layout-paths.ts'

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
  const rooted = seedWithPaths(seed, (path) => resolve(folder, path))
  const said = Object.fromEntries(Object.entries(rooted).filter(([, value]) => value !== undefined))
  return { ...own, ...said, files: [...own.files, ...rooted.files] }
}

/**
 * Writes a recipe as a file that readRecipe understands, in place of one that was there. Paths of what lies in its folder start there, so
 * that all of it can be moved, or kept in git.
 */
export async function writeRecipe(files: Files, { name, image, layout, verify, differential }: Recipe, path: string): Promise<void> {
  const folder = dirname(resolve(path))
  const said: RecipeFile = {
    ...{ version: 1, name, image: pathFrom(folder, image) },
    layout: layout === null ? undefined : layoutFor(layout, folder),
    ...{ verify, differential },
  }
  await writeAtomic(files, path, new TextEncoder().encode(yamlText(said)))
}

/** A layout that is a file stays one. */
function layoutFor(source: LayoutSource, folder: string): RecipeFile['layout'] {
  if ('path' in source) return pathFrom(folder, source.path)
  const layout = 'layout' in source ? source.layout : parseLayout(source.text, 'layout')
  return layoutWithPaths(layout, (path) => pathFrom(folder, resolve(source.folder, path)))
}

function pathFrom(folder: string, path: string): string {
  const way = relative(folder, path)
  return isAbsolute(way) || way.split(sep)[0] === '..' ? path : way
}

async function textOf(files: Files, path: string): Promise<string> {
  return new TextDecoder().decode(await readWhole(files, path))
}
