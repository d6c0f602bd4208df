const MINUTE_MS = 60_000
/** Without a known rhythm: four times the interval that clients have from the factory. */
const OFFLINE_MS = 120 * MINUTE_MS
/** Polls that a device may miss before it counts as gone. */
const MISSED_POLLS = 3
/** What a poll may be late. */
export const MIN_GRACE_MS = 5000

/** The rule in numbers, for who asks a database. */
export const SILENCE = { offlineMs: OFFLINE_MS, missed: MISSED_POLLS, graceMs: MIN_GRACE_MS } as const

/** After how long without a word a device counts as gone. */
export function goneAfterMs(pollIntervalMs: number | null): number {
  return pollIntervalMs === null ? OFFLINE_MS : MISSED_POLLS * pollIntervalMs + MIN_GRACE_MS
}

export type Silence = 'silent' | 'heard' | null

/** What is new about a device's silence: it has fallen silent, or it was heard again after that; null when nothing is. */
export function silenceOf(
  { lastSeenAt, pollIntervalMs, silentAt }: { lastSeenAt: number | null; pollIntervalMs: number | null; silentAt: number | null },
  now: number,
): Silence {
  if (lastSeenAt === null) return null
  if (silentAt !== null) return lastSeenAt > silentAt ? 'heard' : null
  return now - lastSeenAt > goneAfterMs(pollIntervalMs) ? 'silent' : null
}
