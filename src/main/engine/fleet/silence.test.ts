import { expect, it } from 'vitest'
import { silenceOf } from './silence.ts'

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
  expect(silenceOf(device, NOW)).toBe(expected)
})
