import { z } from 'zod'
import { AppError } from './errors.ts'

const DAY_MS = 86_400_000

/** When a device counts as silent. */
export const silenceRule = z.discriminatedUnion('kind', [
  /** When it has missed so many polls in a row, in the rhythm that it has shown. */
  z.object({ kind: z.literal('polls'), count: z.int().min(1).max(1000) }),
  /** After so long without a word, whatever its rhythm. */
  z.object({
    kind: z.literal('time'),
    ms: z
      .int()
      .min(10_000)
      .max(90 * DAY_MS),
  }),
])
export type SilenceRule = z.infer<typeof silenceRule>

export const FIRST_SILENCE_RULE: SilenceRule = { kind: 'polls', count: 3 }

const UNITS: readonly (readonly [letter: string, word: string, ms: number])[] = [
  ['d', 'd', DAY_MS],
  ['h', 'h', 3_600_000],
  ['m', 'min', 60_000],
  ['s', 's', 1000],
]

/** The rule that a text says: `3` for missed polls, `90s`, `30m`, `2h`, `1d`. BAD_INPUT for what is none. */
export function parseSilenceRule(text: string): SilenceRule {
  const [, count, letter] = /^(\d{1,6})([smhd]?)$/.exec(text.trim()) ?? []
  const unit = UNITS.find(([each]) => each === letter)?.[2]
  const wanted = unit === undefined ? { kind: 'polls', count: Number(count) } : { kind: 'time', ms: Number(count) * unit }
  const rule = silenceRule.safeParse(wanted)
  if (rule.success) return rule.data
  throw new AppError(
    'BAD_INPUT',
    `"${text}" is not when a device counts as silent`,
    'Write missed polls (3), or a time (30m, 2h, 1d; 10s to 90d).',
  )
}

/** As `parseSilenceRule` reads it. */
export function silenceRuleSource(rule: SilenceRule): string {
  return rule.kind === 'polls' ? String(rule.count) : inUnit(rule.ms, ([letter]) => letter, '')
}

/** `after 3 missed polls`, `after 30 min without a word`. */
export function silenceRuleText(rule: SilenceRule): string {
  if (rule.kind === 'polls') return `after ${rule.count} missed ${rule.count === 1 ? 'poll' : 'polls'}`
  return `after ${silenceSpan(rule.ms)} without a word`
}

/** How long a device may be silent, exactly: `30 min`, `100 s`. */
export const silenceSpan = (ms: number): string => inUnit(ms, ([, word]) => word, ' ')

function inUnit(ms: number, nameOf: (unit: (typeof UNITS)[number]) => string, between: string): string {
  const unit = UNITS.find(([, , size]) => ms % size === 0)
  return unit === undefined ? `${ms / 1000}${between}s` : `${ms / unit[2]}${between}${nameOf(unit)}`
}
