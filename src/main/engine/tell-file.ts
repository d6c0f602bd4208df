import { basename } from 'node:path'
import { z } from 'zod'
import { cardLayout } from '../contract/card-layout.ts'
import { AppError, toAppError } from '../contract/errors.ts'
import { fileKind } from '../contract/file-kinds.ts'
import type { OpenKind } from '../contract/opened.ts'
import { recipe } from '../contract/recipe.ts'
import { recipeFile } from '../contract/recipes.ts'
import { listsExpected } from './fleet/expected-list.ts'
import type { Files } from './host.ts'
import { csvLines } from './lib/csv-lines.ts'
import { readWhole } from './lib/file-streams.ts'
import { parseYaml } from './lib/yaml-file.ts'

interface Told {
  kinds: OpenKind[]
  /** Of none: why. */
  why: string
}

/** Larger ones are not read only to see what they are. */
const MAX_BYTES = 16 << 20
const KNOWN = 'The bench opens artifacts (.mender), card images, recipes and layouts (.yaml), work orders and lists of devices (.csv).'
const none = (why: string): Told => ({ kinds: [], why })

/** As what a file can be opened. NOT_FOUND. */
export async function tellFile(files: Files, path: string): Promise<Told> {
  const stat = await files.stat(path)
  if (stat?.kind !== 'file') throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path.')
  const [kind, name] = [fileKind(path), basename(path)]
  if (kind === 'artifact' || kind === 'image') return { kinds: [kind], why: '' }
  if (kind === null) return none(`${name}: ${KNOWN}`)
  if (stat.sizeBytes > MAX_BYTES) return none(`${name} is too long for a ${kind}.`)
  const text = new TextDecoder().decode(await readWhole(files, path))
  try {
    return kind === 'list' ? tellList(text, name) : tellRecipe(text, name)
  } catch (thrown) {
    const { code, message } = toAppError(thrown)
    if (code !== 'BAD_INPUT') throw thrown
    return none(`${message}.`)
  }
}

/** By its first line. A serial number may be the attribute that a device is known by: with keys beside it, a person has to say. */
function tellList(text: string, name: string): Told {
  const columns = (csvLines(text, name).next().value?.fields ?? []).map((each) => each.trim())
  const kinds: OpenKind[] = [
    ...(listsExpected(columns) ? (['preauthorization'] as const) : []),
    ...(columns.some((each) => /^serial([ _-]?number)?$/i.test(each)) ? (['work-order'] as const) : []),
  ]
  return kinds.length > 0
    ? { kinds, why: '' }
    : none(`${name} has neither a column serial, as work orders do, nor public_key, as lists of devices do.`)
}

/** What each kind says that others do not say. */
const OWN_KEYS: readonly (readonly [OpenKind, ReadonlySet<string>])[] = [
  ['recipe', new Set(Object.keys(recipe.shape))],
  ['layout', new Set(Object.keys(cardLayout.shape))],
  ['flash-recipe', new Set(Object.keys(recipeFile.shape))],
]
const SHARED = new Set(['version', 'name'])

/** By the names that it says something for: the kind that knows most of them. Faults are shown where it is opened. */
function tellRecipe(text: string, name: string): Told {
  const said = parseYaml(text, name, { schema: z.looseObject({ version: z.unknown().optional() }), what: 'recipe', hint: '' })
  if (said.version !== 1) return none(`${name} does not begin with version: 1, as recipes and layouts do.`)
  const names = Object.keys(said).filter((each) => !SHARED.has(each))
  const known = OWN_KEYS.map(([kind, keys]) => ({ kind, count: names.filter((each) => keys.has(each)).length }))
  const most = Math.max(...known.map(({ count }) => count))
  if (most === 0 && names.length > 0) return none(`${name} says nothing that a recipe or a layout does.`)
  return { kinds: known.filter(({ count }) => count === most).map(({ kind }) => kind), why: '' }
}
