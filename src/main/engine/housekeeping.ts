import { type AppError, toAppError } from '../contract/errors.ts'
import type { Clock } from './host.ts'
import { removeSpent } from './server/configuration-actions.ts'
import type { ArtifactFiles } from './store/artifact-files.ts'
import type { Store } from './store/open.ts'

const DAY_MS = 86_400_000
/** How long the timeline reaches back, and the rates of single devices. */
const KEPT_MS = 90 * DAY_MS
/** How long it is known who ordered what. */
const AUDIT_MS = 730 * DAY_MS

interface House {
  store: Store
  artifactFiles: Pick<ArtifactFiles, 'remove'>
  clock: Clock
  onDefect: (error: AppError) => void
}

/** Forgets, now and every day, what happened so long ago that nobody asks. What cannot be forgotten (a full disk) stays another day. */
export async function keepHouse({ store, artifactFiles, clock, onDefect }: House, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      store.timeline.prune(clock.now() - KEPT_MS)
      store.downloadSeries.prune(clock.now() - KEPT_MS)
      store.versions.coarsen(clock.now())
      store.audit.prune(clock.now() - AUDIT_MS)
      await removeSpent({ store, artifactFiles })
    } catch (thrown) {
      onDefect(toAppError(thrown))
    }
    // The only way out of this sleep is the abort that the loop looks for.
    await clock.sleep(DAY_MS, signal).catch(() => undefined)
  }
}
