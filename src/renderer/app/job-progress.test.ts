import { expect, test } from 'vitest'
import { rateOf, sampled, type Sample, shareOf } from './job-progress.ts'

const work: Parameters<typeof shareOf>[0] = { steps: ['read', 'write'], step: 0, state: 'running', progress: null }

test('a job that has done half of its second of two steps has come three quarters', () => {
  expect(shareOf(work)).toBe(0)
  expect(shareOf({ ...work, step: 1, progress: { done: 50, total: 100, unit: 'bytes' } })).toBe(0.75)
  expect(shareOf({ ...work, step: 1, progress: { done: 7, total: null, unit: 'bytes' } })).toBe(0.5)
  expect(shareOf({ ...work, step: 2, state: 'done', progress: null })).toBe(1)
})

const seen = (all: readonly Sample[]): readonly Sample[] => all.reduce<readonly Sample[]>((samples, next) => sampled(samples, next), [])

test('the rate is that of the last ten seconds, and begins anew with each step', () => {
  expect(rateOf(seen([{ at: 0, done: 0 }]))).toBeNull()
  expect(
    rateOf(
      seen([
        { at: 0, done: 0 },
        { at: 500, done: 100 },
      ]),
    ),
  ).toBeNull()
  expect(
    rateOf(
      seen([
        { at: 0, done: 0 },
        { at: 2000, done: 100 },
      ]),
    ),
  ).toBe(50)
  expect(
    rateOf(
      seen([
        { at: 0, done: 0 },
        { at: 11_000, done: 1000 },
        { at: 13_000, done: 1020 },
      ]),
    ),
  ).toBe(10)
  expect(
    rateOf(
      seen([
        { at: 0, done: 900 },
        { at: 2000, done: 10 },
        { at: 4000, done: 30 },
      ]),
    ),
  ).toBe(10)
})
