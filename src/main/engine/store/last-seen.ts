import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'

/** When a device was last heard, and at which rhythm it polls. */
export interface LastSeen {
  lastSeenAt: number | null
  lastPollAt: number | null
  /** Estimated; null before the second poll. */
  pollIntervalMs: number | null
}

/**
 * Last-seen facts, kept in memory and written in batches: each poll changes them, and losing the last second of them
 * in a crash harms nobody.
 */
export function lastSeenPart(db: Db, changes: Changes) {
  const pending = new Map<string, LastSeen>()
  const update = db.prepare<[number | null, number | null, number | null, string]>(
    'UPDATE device SET last_seen_at = ?, last_poll_at = ?, poll_interval_ms = ? WHERE id = ?',
  )
  const select = db.prepare<[string], { lastSeenAt: number | null; lastPollAt: number | null; pollIntervalMs: number | null }>(
    'SELECT last_seen_at AS lastSeenAt, last_poll_at AS lastPollAt, poll_interval_ms AS pollIntervalMs FROM device WHERE id = ?',
  )
  return {
    /** All null for a device that is unknown or was never heard. */
    get: (deviceId: string): LastSeen =>
      pending.get(deviceId) ?? select.get(deviceId) ?? { lastSeenAt: null, lastPollAt: null, pollIntervalMs: null },
    set(deviceId: string, seen: LastSeen): void {
      pending.set(deviceId, seen)
    },
    /** What is not written yet; null when the row is up to date. */
    pending: (deviceId: string): LastSeen | null => pending.get(deviceId) ?? null,
    /** Writes what has gathered, in one transaction; answers how many devices were heard. */
    flush(): number {
      const count = pending.size
      if (count === 0) return 0
      db.transaction(() => {
        for (const [id, { lastSeenAt, lastPollAt, pollIntervalMs }] of pending) update.run(lastSeenAt, lastPollAt, pollIntervalMs, id)
      })()
      pending.clear()
      changes.bump()
      return count
    },
  }
}

export type LastSeenPart = ReturnType<typeof lastSeenPart>
