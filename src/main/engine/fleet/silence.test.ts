import { expect, it } from 'vitest'
import { FIRST_SILENCE_RULE } from '../../contract/silence.ts'
import { silenceOf, silenceReason } from './silence.ts'

const NOW = 1_000_000_000

it.each([
  ['was never heard', { lastSeenAt: null, pollIntervalMs: null, silentAt: null }, null],
  ['was heard just now', { lastSeenAt: NOW, pollIntervalMs: 5000, silentAt: null }, null],
  ['missed three polls and a bit', { lastSeenAt: NOW - 20_001, pollIntervalMs: 5000, silentAt: null }, 'silent'],
  ['missed not quite so many', { lastSeenAt: NOW - 20_000, pollIntervalMs: 5000, silentAt: null }, null],
  ['has no known rhythm', { lastSeenAt: NOW - 7_200_001, pollIntervalMs: null, silentAt: null }, 'silent'],
  ['is known to be silent', { lastSeenAt: NOW - 900_000, pollIntervalMs: 5000, silentAt: NOW - 800_000 }, null],
  ['speaks again', { lastSeenAt: NOW - 10, pollIntervalMs: 5000, silentAt: NOW - 800_000 }, 'heard'],
] as const)('a device that %s', (_, device, expected) => {
  expect(silenceOf(device, { now: NOW, rule: FIRST_SILENCE_RULE })).toBe(expected)
})

it.each([
  { rule: { kind: 'polls', count: 1 }, silentMs: 10_001, expected: 'silent', reason: '1 poll missed, one every 5 s' },
  { rule: { kind: 'polls', count: 10 }, silentMs: 20_001, expected: null, reason: '10 polls in a row missed, one every 5 s' },
  { rule: { kind: 'time', ms: 60_000 }, silentMs: 60_001, expected: 'silent', reason: 'nothing heard for 60 s' },
  { rule: { kind: 'time', ms: 86_400_000 }, silentMs: 3_600_000, expected: null, reason: 'nothing heard for 24 h' },
] as const)('by the rule $rule, a device that was not heard for $silentMs ms is $expected', ({ rule, silentMs, expected, reason }) => {
  expect(silenceOf({ lastSeenAt: NOW - silentMs, pollIntervalMs: 5000, silentAt: null }, { now: NOW, rule })).toBe(expected)
  expect(silenceReason(5000, rule)).toBe(reason)
})
