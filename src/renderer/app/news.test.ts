import type { Job } from '@contract/jobs.ts'
import { expect, test } from 'vitest'
import { endedJobs } from './news.ts'

const job = (id: string, more: Partial<Job> = {}): Job => ({
  ...{ id, kind: 'backup', title: `Back up ${id}`, batch: null, state: 'done', steps: ['Copy'], step: 1, progress: null },
  ...{ startedAt: 0, endedAt: 60_000, failure: null, canRetry: false },
  ...more,
})
const failed = (id: string): Job => job(id, { state: 'failed', endedAt: 10, failure: { code: 'DISK_FULL', message: 'No room', hint: '' } })

test('a long job that is done and any that has failed are told, with the way to them', () => {
  expect(endedJobs([job('a')], new Set())).toEqual({ title: 'Back up a', body: 'Done in 1:00', link: 'otabench://job/a' })
  expect(endedJobs([failed('a')], new Set())).toMatchObject({ body: 'No room' })
})

test('what ended before, what was short, what was cancelled and what is told by lanes is not told', () => {
  expect(endedJobs([job('a')], new Set(['a']))).toBeNull()
  const quiet = [job('b', { endedAt: 900 }), job('c', { state: 'cancelled' }), job('d', { kind: 'flash' }), job('e', { state: 'running' })]
  expect(endedJobs(quiet, new Set())).toBeNull()
})

test('what ends together is told together', () => {
  const together = endedJobs([job('a'), failed('b')], new Set())
  expect(together).toEqual({ title: '2 jobs ended', body: '1 failed', link: 'otabench://place/jobs' })
})
