import { expect, it } from 'vitest'
import { size, sparkline, table, time } from './text.ts'

it('a table pads its columns and ends no line with a space', () => {
  expect(
    table(
      ['id', 'name'],
      [
        ['1', 'long name'],
        ['22', ''],
      ],
    ),
  ).toBe('ID  NAME\n1   long name\n22')
})

it('a size has at most three digits and its unit', () => {
  expect([0, 999, 1000, 15_300_000, 130_000_000, 2.5e9].map(size)).toEqual(['0 B', '999 B', '1.0 kB', '15.3 MB', '130 MB', '2.5 GB'])
})

it('a time is in UTC to the second', () => {
  expect(time(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02T03:04:05Z')
  expect(time(null)).toBe('-')
})

it('values stand as small bars beside each other, many of them in no more than forty letters', () => {
  expect(sparkline([0, 1, 4, 8])).toBe(' ▂▅█')
  expect(sparkline([4], 8)).toBe('▅')
  expect(sparkline([0, 0])).toBe('  ')
  expect(sparkline(Array.from({ length: 1000 }, (_, index) => index))).toHaveLength(40)
})
