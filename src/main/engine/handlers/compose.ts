import { basename } from 'node:path'
import type { LayoutSource } from '../../contract/compose.ts'
import type { ConvertOptions } from '../../contract/convert.ts'
import type { Seed } from '../../contract/seed.ts'
import { planOfConversion, planOfLayout, recipeOf } from '../compose/compose.ts'
import { conversionOf } from '../compose/convert/convert-recipe.ts'
import { layoutText } from '../compose/layout-file.ts'
import { type Recipe, timeOf } from '../compose/recipe.ts'
import { SEED_STEPS, seedImage } from '../compose/seed-image.ts'
import { COMPOSE_STEPS, writeCard } from '../compose/write-card.ts'
import type { JobContext } from '../jobs/runner.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'

export function composeHandlers(os: Operations, parts: EngineParts) {
  const context = { files: parts.host.files, sourceDateAt: null }
  return {
    plan: os.compose.plan.handler(({ input }) => planOfLayout(input.layout, context)),
    text: os.compose.text.handler(({ input }) => layoutText(input.layout)),
    write: os.compose.write.handler(({ input }) => startWriting(input, parts)),
    convertPlan: os.compose.convertPlan.handler(async ({ input: { options, folder } }) => {
      const { rawPath } = await parts.unpacked.readable(options.image)
      return planOfConversion(options, { ...context, folder, rawPath })
    }),
    convert: os.compose.convert.handler(({ input }) => startConverting(input, parts)),
    seed: os.compose.seed.handler(({ input }) => startSeeding(input, parts)),
  }
}

async function startWriting(
  { layout, output, hasBmap }: { layout: LayoutSource; output: string; hasBmap: boolean },
  parts: EngineParts,
): Promise<{ jobId: string }> {
  const recipe = await recipeOf(layout, { files: parts.host.files, sourceDateAt: null })
  return startCard({ recipe, output, hasBmap, kind: 'image-compose', title: `Compose ${basename(output)}` }, parts)
}

async function startConverting(
  { options, folder, output, hasBmap }: { options: ConvertOptions; folder: string; output: string; hasBmap: boolean },
  parts: EngineParts,
): Promise<{ jobId: string }> {
  const { format, rawPath } = await parts.unpacked.readable(options.image)
  const { recipe } = await conversionOf(options, { files: parts.host.files, folder, rawPath, madeAt: timeOf(null) })
  const title = `Convert ${basename(options.image)}`
  // What was unpacked stays until the card is made.
  const locks = format === 'raw' ? [] : ['unpacked image']
  return startCard({ recipe, output, hasBmap, kind: 'image-convert', title, locks }, parts)
}

interface CardJob {
  recipe: Recipe
  output: string
  hasBmap: boolean
  kind: string
  title: string
  /** Besides that of its output. */
  locks?: string[]
}

function startCard({ recipe, output, hasBmap, locks = [], ...what }: CardJob, { host: { files }, jobs }: EngineParts): { jobId: string } {
  const steps = COMPOSE_STEPS.filter((step) => hasBmap || step !== 'Block map')
  return begun(
    jobs.start({ ...what, steps, locks: [output, ...locks], repeatable: 'here' }, (job) =>
      writeCard(recipe, { files, output, hasBmap, ...listening(job) }),
    ),
  )
}

function startSeeding(
  { image, seed, folder }: { image: string; seed: Seed; folder: string },
  { host: { files, clock }, jobs }: EngineParts,
): { jobId: string } {
  const request = { kind: 'image-seed', title: `Seed ${basename(image)}`, steps: SEED_STEPS, locks: [image] }
  return begun(jobs.start(request, (job) => seedImage(image, seed, { files, folder, modifiedAt: clock.now(), ...listening(job) })))
}

function listening(job: JobContext) {
  return {
    signal: job.signal,
    onStep: (step: string) => job.step(step),
    onProgress: (done: number, total: number | null) => job.progress(done, total, 'bytes'),
    warn: (text: string) => job.log(`warning: ${text}`),
  }
}

function begun({ id }: { id: string }): { jobId: string } {
  return { jobId: id }
}
