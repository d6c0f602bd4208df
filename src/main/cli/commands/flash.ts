import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { FlashTarget, Lane } from '../../contract/flash.ts'
import type { Recipe } from '../../contract/recipes.ts'
import { recipeOf } from '../../engine/compose/compose.ts'
import { readRecipe } from '../../engine/compose/flash-recipe.ts'
import { writeCard } from '../../engine/compose/write-card.ts'
import { admit, isNameOf } from '../../engine/safety/admit.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { type SuspendableKeyboard, suspendableKeyboard } from '../suspendable-keyboard.ts'
import { now } from '../live.ts'
import { size, table, time } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { repeated } from './artifact-flags.ts'
import { driveNamed } from './card-called.ts'
import { followFlash } from './flash-follow.ts'
import { sourceDate, watching } from './image-compose.ts'

interface FlashFlags {
  to: string[]
  differential?: boolean
  verify: boolean
  sha256?: string
  bmap?: string
  partition?: string
  name: string[]
  yes?: boolean
  eject?: boolean
  unfinished?: boolean
  finish?: string
  forget?: string
  recipe?: string
}

const NOTES = `
IMAGE is raw, gz, xz, zst, bz2 or zip, or an artifact with --partition. Beside it are looked for, and checked first: a block map
(IMAGE.bmap), sums (IMAGE.sha256, IMAGE.sha512, SHA256SUMS, SHA512SUMS) and signatures (IMAGE.sig, IMAGE.asc). What the map, or the
image's own ext and FAT file systems, say is free is not written.

A target is a drive of otabench drives list, by its path or name, or a file, which is made when it is absent: ./card is a file also where a
virtual drive is called card. The first block of a card is
written last: one that was not written to its end does not boot, and is finished with --finish.

While it runs, the key p pauses it, and continues it. Ctrl+Z pauses it and suspends otabench; fg, or bg, continues both. Scripts send
SIGUSR1 to pause it and SIGUSR2 to continue it. Windows has none of the signals that this takes.

A recipe is a YAML file in which paths start at its own folder:

  version: 1
  name: my-board
  image: card.img       # to be flashed; with a layout, what it becomes
  layout: layout.yaml   # or itself; see otabench image compose --help
  seed: {artifactName: release-2}   # over that of the layout
  differential: true    # also: verify: false`

/** `otabench flash`: writes images to cards. */
export function flashCommand(context: CliContext, keyboard: SuspendableKeyboard = suspendableKeyboard()): Command {
  return new Command('flash')
    .description('Write a disk image to one or several cards or files, and read it back.')
    .argument('[image]')
    .addOption(repeated('--to <target>', 'a drive or a file; repeat for several'))
    .option('--differential', 'read first, and write only what differs, unless samples tell that most does')
    .option('--no-verify', 'do not read back what was written')
    .option('--sha256 <digits>', 'what the SHA-256 of IMAGE has to be')
    .option('--bmap <file>', 'the block map, where it does not lie beside IMAGE')
    .option('--recipe <file>', 'an image, the layout and seed that it is composed of, and how it is written, instead of IMAGE')
    .option('--partition <number>', 'write a root file system into this partition alone')
    .addOption(repeated('--name <name>', 'the name of a large, fixed or unknown drive, to say that it is meant'))
    .option('--yes', 'what is on the targets may be overwritten')
    .option('--eject', 'unmount each drive that was written, and switch its power off where that can be done')
    .option('--unfinished', 'list the flashes that can be finished')
    .option('--finish <id>', 'finish one: only what is missing is written')
    .option('--forget <id>', 'take one off that list, whose card will not come back')
    .addHelpText('after', NOTES)
    .action((image: string | undefined, flags: FlashFlags) => run(image, flags, { context, keyboard }))
}

async function run(image: string | undefined, flags: FlashFlags, { context, keyboard }: Omit<Talk, 'client'>): Promise<void> {
  await using session = await context.openEngine()
  const talk: Talk = { client: session.client, context, keyboard }
  if (flags.unfinished) await list(talk)
  else if (flags.forget !== undefined) await forget(flags.forget, talk)
  else if (flags.finish !== undefined) await finish(flags.finish, flags, talk)
  else await start(image, flags, talk)
}

async function start(image: string | undefined, flags: FlashFlags, { client, context, keyboard }: Talk): Promise<void> {
  const { source, recipe } = await sourceOf(image, flags, context)
  if (flags.to.length === 0) throw new AppError('BAD_INPUT', 'No target was named', 'Name one with --to; see otabench drives list.')
  const targets = await targetsOf(flags, { client, context })
  if (!flags.yes) {
    const names = targets.map(({ path }) => path).join(', ')
    throw new AppError('BAD_INPUT', `What is on ${names} would be overwritten`, 'Add --yes when that is meant.')
  }
  if (recipe) await composeImage(recipe, context)
  const { id } = await client.flash.start({
    ...{ source, targets, sha256: flags.sha256 ?? null },
    bmap: flags.bmap === undefined ? null : absolute(context.cwd, flags.bmap),
    partition: flags.partition === undefined ? null : numberOf(flags.partition),
    verify: flags.verify && recipe?.verify !== false,
    differential: flags.differential ?? recipe?.differential ?? false,
  })
  await followFlash(id, { client, context, keyboard, isEjecting: flags.eject ?? false })
}

/** The image that was named, by itself or by a recipe. */
async function sourceOf(
  image: string | undefined,
  { recipe: file }: FlashFlags,
  { host, cwd }: CliContext,
): Promise<{ source: string; recipe: Recipe | null }> {
  if (file !== undefined) {
    if (image !== undefined) throw new AppError('BAD_INPUT', 'A recipe names its image itself', 'Leave IMAGE out.')
    const recipe = await readRecipe(host.files, absolute(cwd, file))
    return { source: recipe.image, recipe }
  }
  if (image === undefined) throw new AppError('BAD_INPUT', 'No image was named', 'Write otabench flash IMAGE --to DRIVE --yes.')
  return { source: absolute(cwd, image), recipe: null }
}

/** Of a recipe with a layout, from what its files are now. */
async function composeImage({ layout, image }: Recipe, context: CliContext): Promise<void> {
  if (layout === null) return
  const { host, out } = context
  const card = await recipeOf(layout, { files: host.files, sourceDateAt: sourceDate(context) })
  const { sizeBytes } = await writeCard(card, { files: host.files, output: image, hasBmap: true, ...watching(context) })
  out.note(`${image}: composed, ${size(sizeBytes)}`)
}

interface Talk {
  client: EngineClient
  context: CliContext
  keyboard: SuspendableKeyboard
}

/** What must not be written is refused again just before it is opened; here it is said at once. */
async function targetsOf({ to, name }: FlashFlags, { client, context }: Omit<Talk, 'keyboard'>): Promise<FlashTarget[]> {
  const drives = await now(client.drives.list({ hasLoops: true, canBePartial: true }))
  const targets: FlashTarget[] = []
  for (const wanted of to) {
    const drive = await driveNamed(drives, wanted, context)
    if (drive) {
      const { identity } = drive
      const typedName = name.find((typed) => isNameOf(drive, typed)) ?? null
      admit(drives, { identity, typedName })
      targets.push({ path: identity.path, identity, typedName })
    } else targets.push({ path: absolute(context.cwd, wanted), identity: null, typedName: null })
  }
  return targets
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new AppError('BAD_INPUT', `--partition ${text} is no number of a partition`, 'See otabench image inspect.')
}

async function list({ client, context: { out } }: Talk): Promise<void> {
  const open = (await now(client.flash.list())).filter(({ lanes }) => lanes.some(isCut))
  const rows = open.flatMap((view) =>
    view.lanes
      .filter(isCut)
      .map(({ target, state, failure }) => [view.id, time(view.startedAt), view.request.source, target.path, state, failure?.code ?? '']),
  )
  const text = rows.length === 0 ? 'Nothing is unfinished.' : table(['id', 'started', 'image', 'target', 'state', 'why'], rows)
  out.result(open, text)
}

/** Whether a target may hold a part of the image. */
const isCut = ({ state, isBegun, isWrittenSince }: Lane): boolean => state !== 'done' && isBegun && !isWrittenSince

async function forget(id: string, { client, context: { out } }: Talk): Promise<void> {
  await client.flash.forget({ id })
  out.result({ id }, `${id}: taken off the list; its targets stay as they are.`)
}

async function finish(id: string, { yes, eject = false }: FlashFlags, { client, context, keyboard }: Talk): Promise<void> {
  const view = (await now(client.flash.list())).find((each) => each.id === id)
  if (!view) throw new AppError('NOT_FOUND', `There is no flash ${id}`, 'See otabench flash --unfinished.')
  if (!yes) throw new AppError('BAD_INPUT', `${view.request.source} would be written again`, 'Add --yes when that is meant.')
  const drives = await now(client.drives.list({ hasLoops: true, canBePartial: true }))
  // A card that was plugged in again is another one for the kernel: it is the same if its path, serial number, size and make are.
  const identities = view.lanes.flatMap(({ id: laneId, target: { identity } }) => {
    const drive =
      identity &&
      drives.find((each) => (['path', 'serial', 'sizeBytes', 'model'] as const).every((key) => each.identity[key] === identity[key]))
    return drive ? [[laneId, drive.identity] as const] : []
  })
  await client.flash.retry({ id, lanes: null, identities: Object.fromEntries(identities) })
  context.out.note(`Finishing ${view.request.source}, ${size(view.source?.storedBytes ?? 0)}`)
  await followFlash(id, { client, context, keyboard, isEjecting: eject })
}
