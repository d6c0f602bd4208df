import { expect, test } from 'vitest'
import { ago, bytes, daysUntil, number, percent, short, span } from './format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.00 kB'],
  [1_319_424, '1.32 MB'],
  [48_000_000, '48.0 MB'],
  [130_400_000, '130 MB'],
  [999_600, '1.00 MB'],
  [2_147_483_648, '2.15 GB'],
])('%d bytes are written %s', (count, text) => {
  expect(bytes(count)).toBe(text)
})

test('a download is at 100 percent only when its last byte is there', () => {
  expect(percent(999_999, 1_000_000)).toBe(99)
  expect(percent(1_000_000, 1_000_000)).toBe(100)
  expect(percent(5, 0)).toBe(0)
})

test.each([
  [-5_000, '0:00'],
  [17_000, '0:17'],
  [250_000, '4:10'],
  [3_725_000, '1:02:05'],
])('%d ms are a span of %s', (ms, text) => {
  expect(span(ms)).toBe(text)
})

test('days until a certificate expires count whole days', () => {
  expect(daysUntil(82 * 86_400_000 + 5, 0)).toBe(82)
})

test('a long fingerprint is cut, a short one is not', () => {
  expect(short('0123456789abcdef')).toBe('0123456789ab…')
  expect(short('0123')).toBe('0123')
})

test('the thousands of a count are set apart', () => {
  expect([0, 999, 1_234_567].map(number)).toEqual(['0', '999', '1,234,567'])
})

test('a time is told from now, and as a date when that is more than a week', () => {
  const now = new Date(2026, 0, 15, 12).getTime()
  const told = (ms: number) => ago(now + ms, now)
  expect([0, -9999, -10_000, -59_999, -60_000, -3_600_000, -7 * 86_400_000].map(told)).toEqual([
    ...['now', 'now', '10 s ago', '59 s ago', '1 min ago', '1 h ago', '7 d ago'],
  ])
  expect([90_000, 2 * 86_400_000].map(told)).toEqual(['in 1 min', 'in 2 d'])
  expect(ago(new Date(2026, 0, 1, 9, 5).getTime(), now)).toBe('2026-01-01 09:05')
})
