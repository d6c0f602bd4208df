import { basename, dirname } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import { type KeyRing, createKeyRing } from '../../engine/keys/key-ring.ts'
import { Ledger } from '../../engine/provision/ledger.ts'
import { type Road, planOf } from '../../engine/provision/plan.ts'
import { parseRecipe } from '../../engine/provision/recipe-file.ts'
import { type ResolvedRecipe, resolveRecipe } from '../../engine/provision/resolve.ts'
import type { DeviceRegister } from '../../engine/provision/preauthorize.ts'
import type { Outcome } from '../../engine/provision/run.ts'
import { holdFolder } from '../../engine/store/lock.ts'
import { openStore } from '../../engine/store/open.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { say } from '../language.ts'
import { now } from '../live.ts'
import { absolute, readText } from './artifact-files.ts'

export interface RecipeFlags {
  recipe: string
  dryRun?: boolean
  preauthorize?: boolean
}

/** What a provision command was given as recipe: only shown with --dry-run (null then), else with all that it names. */
export async function recipeFor({ recipe: name, dryRun }: RecipeFlags, road: Road, context: CliContext): Promise<ResolvedRecipe | null> {
  const { host, cwd, out, environment } = context
  const path = absolute(cwd, name)
  const recipe = parseRecipe(await readText(host.files, path), basename(path))
  const resolved = await resolveRecipe(recipe, {
    ...{ files: host.files, folder: dirname(path) },
    environment: (variable) => environment[variable],
    privateKey: (key) => privateKey(key, context),
  })
  if (!dryRun) return resolved
  const steps = planOf(recipe, road)
  out.result(
    { name: recipe.name ?? null, steps },
    steps.flatMap(({ step, lines }) => [step, ...lines.map((line) => `  ${line}`)]).join('\n'),
  )
  return null
}

/** From the key ring of the data folder, which nobody else may be using. */
async function privateKey(name: string, { host, globals }: CliContext): Promise<string> {
  const { data, server } = globals()
  if (server !== undefined)
    throw new AppError('KEY_MISSING', `key:${name} never leaves the engine of ${server}`, 'Name the key as file:PATH.')
  await host.files.makeFolder(data)
  using _held = holdFolder(data)
  const store = openStore(`${data}/bench.db`)
  try {
    const ring: KeyRing = createKeyRing({ store, host, folder: `${data}/keys` })
    const key = ring.list().find((each) => each.name === name)
    if (!key) throw new AppError('KEY_MISSING', `There is no key "${name}" in the key ring`, 'See otabench keys list.')
    return await ring.privatePem(key.id)
  } finally {
    store.close()
  }
}

export async function openLedger({ host, globals }: CliContext): Promise<Ledger> {
  const { data } = globals()
  await host.files.makeFolder(data)
  return Ledger.open(`${data}/provision.db`, () => host.clock.now())
}

/** The engine that the command line names, as far as it has to know a device. */
export function serverOf(client: EngineClient): DeviceRegister {
  return {
    devices: (text) => now(client.devices.list({ text })),
    preauthorize: async (device) => (await client.devices.preauthorize({ ...device, isForced: true })).id,
    setStatus: (device) => client.devices.setAuthStatus(device),
    decommission: (id) => client.devices.decommission({ id }),
  }
}

/** Says what a run came to. */
export function report(outcome: Outcome, { out }: CliContext): void {
  const { board, changed, unchanged, identity, keyFingerprint } = outcome
  const count = (lines: readonly string[], word: string) => `${lines.length} ${word}`
  const lines = [
    changed.length === 0
      ? `${board}: nothing to change, ${count(unchanged, 'things are as they should be')}`
      : `${board}: ${count(changed, 'changed')}, ${count(unchanged, 'as they were')}`,
    ...changed.map((line) => `  ${line}`),
    ...Object.entries(identity).map(([name, value]) => `${name} = ${value}`),
    ...(keyFingerprint === null ? [] : [`key ${keyFingerprint}`]),
  ]
  out.result(outcome, lines.join('\n'))
}

/** Steps, progress and log of a run, as the command line shows them. */
export function following({ out, signal }: CliContext) {
  let step = ''
  return {
    signal,
    step: (name: string) => {
      step = name
      out.note(name)
    },
    progress: (done: number, total: number | null, unit: 'bytes' | 'items') => {
      if (unit === 'bytes') out.progress(done, total ?? 0, say(step).toLowerCase())
    },
    log: (line: string) => out.note(`  ${line}`),
  }
}
