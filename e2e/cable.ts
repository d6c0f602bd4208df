import { Cable } from '../src/main/engine/discovery/cable.cases.ts'
import { nodePath } from './app.ts'
import { test } from './journey.ts'

/** A journey whose engine, and nothing else of it, sits at a cable with a board at its other end. */
export const atCable = test.extend<{ cable: Cable }>({
  cable: async ({}, use) => {
    await using cable = await Cable.start()
    await use(cable)
  },
  given: async ({ given, cable }, use) => {
    await use({ ...given, environment: { OTABENCH_NODE: cable.benchNode(nodePath) } })
  },
})
