import { Command } from 'commander'
import type { Recipe } from '../../contract/recipes.ts'
import { AppError } from '../../contract/errors.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { table } from '../text.ts'
import { absolute } from './artifact-files.ts'

/** `otabench recipes`: what the bench keeps to be flashed again. */
export function recipesCommand(context: CliContext): Command {
  const command = new Command('recipes').description(
    'What the bench keeps to be flashed again: an image, its layout and seed, how it is written.',
  )
  command
    .command('list')
    .description('what is kept')
    .action(() => list(context))
  command
    .command('add <file>')
    .description('keep what a recipe file says, in place of one of the same name; otabench flash --help shows a file')
    .action((file: string) => add(file, context))
  command
    .command('write <name> <file>')
    .description('write one as a recipe file; paths of what lies beside the file start there')
    .action((name: string, file: string) => write(name, file, context))
  command
    .command('remove <name>')
    .description('keep one no longer; its image stays where it is')
    .action((name: string) => remove(name, context))
  return command
}

async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const recipes = await now(session.client.recipes.list())
  const rows = recipes.map(({ name, image, layout, verify, differential }) => [
    ...[name, image, layout === null ? '-' : 'path' in layout ? layout.path : 'its own'],
    [...(differential ? ['differential'] : []), ...(verify ? [] : ['not verified'])].join(', ') || '-',
  ])
  out.result(recipes, rows.length === 0 ? 'No recipes yet.' : table(['name', 'image', 'layout', 'written'], rows))
}

async function add(file: string, { openEngine, out, cwd }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { recipes } = session.client
  const said = await recipes.read({ path: absolute(cwd, file) })
  await recipes.save(said)
  out.result(said, `kept: ${said.name}`)
}

async function write(name: string, file: string, { openEngine, out, cwd }: CliContext): Promise<void> {
  await using session = await openEngine()
  const recipe = await called(session.client, name)
  const path = absolute(cwd, file)
  await session.client.recipes.write({ recipe, path })
  out.result({ written: path }, `written: ${path}`)
}

async function remove(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await called(session.client, name)
  await session.client.recipes.remove({ name })
  out.result({ removed: name }, `removed: ${name}`)
}

async function called(client: EngineClient, name: string): Promise<Recipe> {
  const found = (await now(client.recipes.list())).find((each) => each.name === name)
  if (found) return found
  throw new AppError('NOT_FOUND', `There is no recipe ${name}`, 'See otabench recipes list.')
}
