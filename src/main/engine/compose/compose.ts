import { basename, dirname, resolve } from 'node:path'
import type { CardPlan, ConversionPlan, LayoutSource } from '../../contract/compose.ts'
import type { ConvertOptions } from '../../contract/convert.ts'
import type { Files } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'
import { type Conversion, conversionOf } from './convert/convert-recipe.ts'
import { parseLayout } from './layout-file.ts'
import { recipeOfLayout } from './layout-recipe.ts'
import { type Recipe, planOf, timeOf } from './recipe.ts'

export interface LayoutContext {
  files: Files
  /** Of SOURCE_DATE_EPOCH, epoch milliseconds; null where it is not set. */
  sourceDateAt: number | null
}

/** What a layout makes of the files that it names. BAD_INPUT with line and column, NOT_FOUND, ARTIFACT_INVALID. */
export async function recipeOf(source: LayoutSource, { files, sourceDateAt }: LayoutContext): Promise<Recipe> {
  if ('layout' in source) return recipeOfLayout(source.layout, { files, sourceDateAt, folder: source.folder })
  if ('text' in source) return recipeOfLayout(parseLayout(source.text, 'layout'), { files, sourceDateAt, folder: source.folder })
  const text = new TextDecoder().decode(await readWhole(files, source.path))
  const folder = dirname(resolve(source.path))
  return recipeOfLayout(parseLayout(text, basename(source.path)), { files, sourceDateAt, folder })
}

export async function planOfLayout(source: LayoutSource, context: LayoutContext): Promise<CardPlan> {
  return planOf(await recipeOf(source, context))
}

export async function planOfConversion(
  options: ConvertOptions,
  { files, sourceDateAt, folder, rawPath }: LayoutContext & { folder: string; rawPath: string },
): Promise<ConversionPlan> {
  return planOfCard(await conversionOf(options, { files, folder, rawPath, madeAt: timeOf(sourceDateAt) }))
}

export function planOfCard({ boot, deviceType, recipe }: Conversion): ConversionPlan {
  return { boot, deviceType, plan: planOf(recipe) }
}
