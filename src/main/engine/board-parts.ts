import type { BuildParts } from './boards/build.ts'
import { recipeOf } from './compose/compose.ts'
import { writeCard } from './compose/write-card.ts'
import type { Host } from './host.ts'
import { resourcePath } from './lib/resources.ts'

/** What boards are built with: the composer of cards, and what is shipped beside the code. */
export function buildParts(host: Pick<Host, 'files' | 'programs'>): BuildParts {
  const { files } = host
  return {
    host,
    definitionFolder: resourcePath('boards/virt-arm64'),
    composeCard: async (job, { layout, folder, output }) => {
      const recipe = await recipeOf({ layout, folder }, { files, sourceDateAt: null })
      return writeCard(recipe, {
        ...{ files, output, hasBmap: false, signal: job.signal },
        onStep: (step) => job.log(step),
        onProgress: (done, total) => job.progress(done, total, 'bytes'),
        warn: (text) => job.log(`warning: ${text}`),
      })
    },
  }
}
