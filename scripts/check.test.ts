import { expect, it } from 'vitest'
import { summary } from './check.ts'

it('the summary of a check is one line, with times, and shouts what failed', () => {
  const line = summary(
    [
      { name: 'lint', wrong: '', tookMs: 2100 },
      { name: 'knip', wrong: 'unused file', tookMs: 900 },
    ],
    2500,
  )
  expect(line).toBe('check, 2.5 s: lint 2.1 s, knip FAILED 0.9 s')
})
