import { expect, it } from 'vitest'
import { tallyPlaywright, tallyVitest } from './test.ts'

it('counts the tests of vitest', () => {
  expect(tallyVitest({ numPassedTests: 7, numFailedTests: 2, success: false })).toEqual({ passed: 7, failed: 2 })
})

it('counts a test file that could not be loaded as a failure', () => {
  expect(tallyVitest({ numPassedTests: 7, numFailedTests: 0, success: false })).toEqual({ passed: 7, failed: 1 })
})

it('counts a flaky journey as failed', () => {
  expect(tallyPlaywright({ stats: { expected: 3, unexpected: 1, flaky: 1 } })).toEqual({ passed: 3, failed: 2 })
})
