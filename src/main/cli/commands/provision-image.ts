import { Command } from 'commander'
import { seedImage } from '../../engine/compose/seed-image.ts'
import { preauthorizeOn } from '../../engine/provision/preauthorize.ts'
import { provisionImage } from '../../engine/provision/seed.ts'
import type { CliContext } from '../context.ts'
import { say } from '../language.ts'
import { absolute } from './artifact-files.ts'
import { watching } from './image-compose.ts'
import { type RecipeFlags, openLedger, recipeFor, serverOf } from './provision-recipe.ts'

const NOTES = `
IMAGE is a card with four partitions: boot, A, B, data. It is changed where it lies, without mounting it; a failure leaves it as it was.
Installing, commands, services and checks need a running board: they are left out, and named.`

/** `otabench provision image IMAGE --recipe FILE`. */
export function provisionImageCommand(context: CliContext): Command {
  return new Command('image')
    .description('put identity, key, configuration and files of a recipe into a card image')
    .argument('<image>')
    .requiredOption('--recipe <file>', 'what it should become')
    .option('--dry-run', 'show the steps, and touch no image')
    .option('--preauthorize', 'let the server expect it')
    .addHelpText('after', NOTES)
    .action((image: string, flags: RecipeFlags) => provisionIt(absolute(context.cwd, image), flags, context))
}

async function provisionIt(image: string, flags: RecipeFlags, context: CliContext): Promise<void> {
  const { host, cwd, out } = context
  const resolved = await recipeFor(flags, 'image', context)
  if (resolved === null) return
  using ledger = await openLedger(context)
  await using session = flags.preauthorize ? await context.openEngine() : null
  const seeding = { files: host.files, folder: cwd, modifiedAt: host.clock.now(), ...watching(context) }
  const done = await provisionImage({
    ...{ resolved, ledger, image },
    preauthorize: session === null ? null : preauthorizeOn(serverOf(session.client)),
    write: (seed) => seedImage(image, seed, seeding),
  })
  for (const { step, lines } of done.leftOut) for (const line of lines) out.important(`left out: ${say(step).toLowerCase()}: ${line}`)
  const lines = [
    `${image} is provisioned`,
    ...Object.entries(done.identity ?? {}).map(([name, value]) => `${name} = ${value}`),
    ...(done.keyFingerprint === null ? [] : [`key ${done.keyFingerprint}`]),
  ]
  out.result(done, lines.join('\n'))
}
