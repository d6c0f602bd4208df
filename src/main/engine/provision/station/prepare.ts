import { basename, dirname } from 'node:path'
import { AppError } from '../../../contract/errors.ts'
import type { StationSetup } from '../../../contract/station.ts'
import { readWhole } from '../../lib/file-streams.ts'
import { leftOut } from '../plan.ts'
import { parseRecipe } from '../recipe-file.ts'
import { type ResolvedRecipe, resolveRecipe, secretOf } from '../resolve.ts'
import { unitSeed } from '../seed.ts'
import type { UnitServer } from '../unit/make-unit.ts'
import type { StationImage, StationParts } from './parts.ts'

/** A setup with all that it names. */
export interface Prepared {
  setup: StationSetup
  resolved: ResolvedRecipe
  image: StationImage
  server: UnitServer | null
  /** Parts of the recipe that need a running board. */
  leftOut: string[]
}

/** Reads and checks everything before a slot is armed. NOT_FOUND, BAD_INPUT, KEY_MISSING, ARTIFACT_INVALID. */
export async function prepare(setup: StationSetup, parts: StationParts, signal: AbortSignal): Promise<Prepared> {
  const { host } = parts
  const folder = dirname(setup.recipe)
  const context = { files: host.files, folder, privateKey: parts.privateKey, environment: (name: string) => host.machine.environment(name) }
  const recipe = parseRecipe(new TextDecoder().decode(await readWhole(host.files, setup.recipe)), basename(setup.recipe))
  const resolved = await resolveRecipe(recipe, context)
  if (setup.server !== null && (resolved.key === null || recipe.identity === undefined))
    throw new AppError('BAD_INPUT', 'A device is preauthorized by its identity and key', 'Say identity and key in the recipe.')
  // A seed that no image can be given is refused now, and not at the first card.
  unitSeed(resolved, {}, null)
  const server = await serverOf(setup, parts, context)
  const image = await parts.openImage(setup.image, signal)
  const lines = leftOut(recipe).flatMap(({ step, lines: each }) => each.map((line) => `${step.toLowerCase()}: ${line}`))
  return { setup, resolved, image, server, leftOut: lines }
}

async function serverOf(
  { server }: StationSetup,
  parts: StationParts,
  context: Parameters<typeof secretOf>[1],
): Promise<UnitServer | null> {
  if (server === null) return null
  if (server === 'bench') return parts.bench
  const token = new TextDecoder().decode(await secretOf({ secret: server.token }, context)).trim()
  return parts.serverAt(server.url, token)
}
