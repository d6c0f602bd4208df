import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './program.ts'
import { tallyPlaywright, tallyVitest } from './test.ts'

const result = (name: string, status: string, ...failed: string[]) => ({
  ...{ name: join(root, name), status },
  assertionResults: [
    { fullName: 'x good', status: 'passed' },
    ...failed.map((fullName) => ({
      fullName,
      status: 'failed',
      failureMessages: [`\u001B[31m${fullName} is not\u001B[39m\n    at a line`],
    })),
  ],
})

it('counts the tests of vitest, and names those that failed, with what they said', () => {
  const testResults = [result('src/a.test.ts', 'passed'), result('src/b.test.ts', 'failed', 'x bad', 'x worse')]
  expect(tallyVitest({ numPassedTests: 7, numFailedTests: 2, success: false, testResults })).toEqual({
    ...{ passed: 7, failed: 2 },
    failures: ['src/b.test.ts: x bad\n    x bad is not', 'src/b.test.ts: x worse\n    x worse is not'],
  })
})

it('counts a test file that could not be loaded as a failure', () => {
  const testResults = [{ ...result('src/a.test.ts', 'failed'), message: 'No such module', assertionResults: [] }]
  expect(tallyVitest({ numPassedTests: 7, numFailedTests: 0, success: false, testResults })).toEqual({
    ...{ passed: 7, failed: 1, failures: ['src/a.test.ts\n    No such module'] },
  })
})

it('counts a flaky journey as failed, and names the project in which one failed', () => {
  const tries: Readonly<Record<string, object[]>> = {
    expected: [{ errors: [] }],
    unexpected: [{ errors: [{ message: 'Not visible' }] }],
    flaky: [{ errors: [{ message: 'Late' }] }, { errors: [] }],
  }
  const spec = (title: string, ok: boolean, statuses: Readonly<Record<string, string>>) => ({
    ...{ title, ok, tests: Object.entries(statuses).map(([projectName, status]) => ({ projectName, status, results: tries[status] })) },
  })
  const inner = { file: 'b.spec.ts', specs: [spec('flaky', true, { chromium: 'flaky' })] }
  // Playwright puts the tests of all projects together, and leaves `ok` as the first one has it.
  const specs = [
    spec('good', true, { app: 'expected' }),
    spec('bad in the second', true, { app: 'expected', chromium: 'unexpected' }),
    spec('bad in the first', false, { app: 'unexpected', chromium: 'expected' }),
  ]
  const suites = [{ file: 'a.spec.ts', specs, suites: [inner] }]
  expect(tallyPlaywright({ stats: { expected: 3, unexpected: 2, flaky: 1 }, suites })).toEqual({
    ...{ passed: 3, failed: 3 },
    failures: [
      'e2e/a.spec.ts, in chromium: bad in the second\n    Not visible',
      'e2e/a.spec.ts, in app: bad in the first\n    Not visible',
      'e2e/b.spec.ts, in chromium: flaky\n    Late',
    ],
  })
})
