import { basename } from 'node:path'
import type { LayoutSource } from '../../contract/compose.ts'
import type { Seed } from '../../contract/seed.ts'
import { planOfLayout, recipeOf } from '../compose/compose.ts'
import { layoutText } from '../compose/layout-file.ts'
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
    seed: os.compose.seed.handler(({ input }) => startSeeding(input, parts)),
  }
}

async function startWriting(
  { layout, output, hasBmap }: { layout: LayoutSource; output: string; hasBmap: boolean },
  { host: { files }, jobs }: EngineParts,
): Promise<{ jobId: string }> {
  const recipe = await recipeOf(layout, { files, sourceDateAt: null })
  const steps = COMPOSE_STEPS.filter((step) => hasBmap || step !== 'Block map')
  const request = { kind: 'image-compose', title: `Compose ${basename(output)}`, steps, locks: [output] }
  return begun(jobs.start(request, (job) => writeCard(recipe, { files, output, hasBmap, ...listening(job) })))
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

/** The failure is told by the job; this call has answered long before. */
function begun({ id, result }: { id: string; result: Promise<unknown> }): { jobId: string } {
  result.catch(() => undefined)
  return { jobId: id }
}
