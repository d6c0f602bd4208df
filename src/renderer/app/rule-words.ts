import { plural, t } from '@lingui/core/macro'
import type { AcceptMode } from '@contract/accept-mode.ts'
import type { UserRole } from '@contract/roles.ts'
import { type SilenceRule, silenceSpan } from '@contract/silence.ts'
import { moment } from '../ui/format.ts'

/** Who was accepted from then on, as a sentence without its full stop. */
export function acceptWords(mode: AcceptMode, now: number): string {
  if (mode === 'none') return t`new devices wait to be accepted`
  if (mode === 'all') return t`every device is accepted`
  if (mode.kind === 'subnet') return t`devices from ${mode.subnet} are accepted`
  if (mode.kind === 'identity') return t`devices with ${mode.name}=${mode.pattern} are accepted`
  const minutes = Math.ceil((mode.until - now) / 60_000)
  return minutes <= 0 ? acceptWords('none', now) : t`every device is accepted for ${minutes} min`
}

/** Who is accepted now, and until when; as a sentence without its full stop. */
export function acceptedNow(mode: AcceptMode, now: number): string {
  const until = typeof mode === 'object' && mode.kind === 'until' && mode.until > now ? moment(mode.until, now) : null
  return until === null ? acceptWords(mode, now) : t`every device is accepted until ${until}`
}

/** What each role may do. */
export const ROLE_WORDS: Readonly<Record<UserRole, string>> = {
  viewer: t`sees everything and changes nothing`,
  operator: t`flashes, provisions and deploys`,
  engineer: t`also changes keys, settings and users`,
}

/** When a device counts as silent: `after 3 missed polls`. */
export function silenceWords(rule: SilenceRule): string {
  if (rule.kind === 'polls') return plural(rule.count, { one: 'after # missed poll', other: 'after # missed polls' })
  return t`after ${silenceSpan(rule.ms)} without a word`
}
