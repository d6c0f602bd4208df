import type { Clock } from './host.ts'
import type { Store } from './store/open.ts'

const DAY_MS = 86_400_000
/** How long the timeline reaches back. */
const KEPT_MS = 90 * DAY_MS

/** Forgets, now and every day, what happened so long ago that nobody asks. */
export async function keepHouse(store: Store, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    store.timeline.prune(clock.now() - KEPT_MS)
    // The only way out of this sleep is the abort that the loop looks for.
    await clock.sleep(DAY_MS, signal).catch(() => undefined)
  }
}
