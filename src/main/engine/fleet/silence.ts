import type { SilenceRule } from '../../contract/silence.ts'
import { duration } from './duration.ts'

const MINUTE_MS = 60_000
/** Without a known rhythm: four times the interval that clients have from the factory. */
const OFFLINE_MS = 120 * MINUTE_MS
/** What a poll may be late. */
export const MIN_GRACE_MS = 5000

/** The rule in numbers, for who asks a database. */
export function silenceNumbers(rule: SilenceRule): { offlineMs: number; missed: number | null; graceMs: number } {
  return rule.kind === 'polls'
    ? { offlineMs: OFFLINE_MS, missed: rule.count, graceMs: MIN_GRACE_MS }
    : { offlineMs: rule.ms, missed: null, graceMs: 0 }
}

/** After how long without a word a device counts as gone. */
export function goneAfterMs(pollIntervalMs: number | null, rule: SilenceRule): number {
  if (rule.kind === 'time') return rule.ms
  return pollIntervalMs === null ? OFFLINE_MS : rule.count * pollIntervalMs + MIN_GRACE_MS
}

/** Why a device counts as gone, by the rule and by its rhythm. */
export function silenceReason(pollIntervalMs: number | null, rule: SilenceRule): string {
  if (rule.kind === 'time') return `nothing heard for ${duration(rule.ms)}`
  if (pollIntervalMs === null) return `nothing heard for ${duration(OFFLINE_MS)}, and how often it polls is not known`
  return `${rule.count} ${rule.count === 1 ? 'poll' : 'polls in a row'} missed, one every ${duration(pollIntervalMs)}`
}

export type Silence = 'silent' | 'heard' | null

interface Heard {
  lastSeenAt: number | null
  pollIntervalMs: number | null
  silentAt: number | null
}

/** What is new about a device's silence: it has fallen silent, or it was heard again after that; null when nothing is. */
export function silenceOf({ lastSeenAt, pollIntervalMs, silentAt }: Heard, { now, rule }: { now: number; rule: SilenceRule }): Silence {
  if (lastSeenAt === null) return null
  if (silentAt !== null) return lastSeenAt > silentAt ? 'heard' : null
  return now - lastSeenAt > goneAfterMs(pollIntervalMs, rule) ? 'silent' : null
}
