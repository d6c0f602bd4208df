import { type AcceptMode, acceptModeText } from '@contract/accept-mode.ts'
import { ROLE_TEXTS } from '@contract/roles.ts'
import { parseSilenceRule, silenceRuleText } from '@contract/silence.ts'
import { expect, it, test } from 'vitest'
import { acceptedNow, acceptWords, ROLE_WORDS, silenceWords } from './rule-words.ts'

const NOW = 1_800_000_000_000

it.each<AcceptMode>([
  ...['none' as const, 'all' as const],
  { kind: 'subnet', subnet: '192.168.7.0/24' },
  { kind: 'identity', name: 'mac', pattern: '02:*' },
  { kind: 'until', until: NOW + 61_000 },
  { kind: 'until', until: NOW },
])('who is accepted is said in the window as in the command line: %j', (mode) => {
  expect(acceptWords(mode, NOW)).toBe(acceptModeText(mode, NOW))
})

test('while every device is accepted for some minutes, the window says until when', () => {
  const noon = new Date(2027, 0, 15, 12, 0).getTime()
  const mode: AcceptMode = { kind: 'until', until: noon + 15 * 60_000 }
  expect(acceptedNow(mode, noon)).toBe('every device is accepted until 12:15')
  expect(acceptedNow(mode, mode.until)).toBe('new devices wait to be accepted')
  expect(acceptedNow('all', noon)).toBe('every device is accepted')
})

it.each(['1', '3', '90s', '100s', '90m', '2h', '7d'])('silence after %s is said in the window as in the command line', (text) => {
  const rule = parseSilenceRule(text)
  expect(silenceWords(rule)).toBe(silenceRuleText(rule))
})

test('roles are said in the window as in the command line', () => {
  expect(ROLE_WORDS).toEqual(ROLE_TEXTS)
})
