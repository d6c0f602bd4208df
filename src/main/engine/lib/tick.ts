import type { Clock } from '../host.ts'
import type { Changes } from './changes.ts'

const TICK_MS = 5000

/** Lets time be a change: what depends on the clock alone (overdue, offline) is looked at again every few seconds. */
export async function tick(clock: Clock, changes: Changes, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // The only way out of this sleep is the abort that the loop looks for.
    await clock.sleep(TICK_MS, signal).catch(() => undefined)
    changes.bump()
  }
}
