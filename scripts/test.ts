// ./test: what the tests need, then every check and every test. The last line is "N passed, N failed".
import { access, mkdir, readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { runChecks, summary } from './check.ts'
import { journeys } from './e2e.ts'
import { electronBinary } from './electron-runtime.ts'
import { attach, bin, root } from './program.ts'
import { provideTools } from './test-tools.ts'

export interface Tally {
  passed: number
  failed: number
  /** Where each failure is and what it said, for who sees the end of the log alone. */
  failures: string[]
}

const results = join(root, 'test-results')

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() })),
    }),
  ),
})

const journey = z.object({
  projectName: z.string(),
  status: z.string(),
  results: z.array(z.object({ errors: z.array(z.object({ message: z.string().optional() })).default([]) })).default([]),
})

const suite = z.object({
  file: z.string(),
  specs: z.array(z.object({ title: z.string(), tests: z.array(journey) })),
  get suites() {
    return z.array(suite).optional()
  },
})
const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
  suites: z.array(suite),
})

/** What vitest's JSON report says. A file that could not even be loaded has no failed test in it, and counts as one. */
export function tallyVitest(report: unknown): Tally {
  const { numPassedTests, numFailedTests, success, testResults } = vitestReport.parse(report)
  const failures = testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = relative(root, name)
      const failed = assertionResults.filter(({ status }) => status === 'failed')
      if (failed.length === 0) return [withReason(file, [message])]
      return failed.map(({ fullName, failureMessages }) => withReason(`${file}: ${fullName}`, failureMessages ?? []))
    })
  return { passed: numPassedTests, failed: numFailedTests || (success ? 0 : 1), failures }
}

/** What Playwright's JSON report says. A flaky test has failed once, and that is once too often. */
export function tallyPlaywright(report: unknown): Tally {
  const { stats, suites } = playwrightReport.parse(report)
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, failures: suites.flatMap(failedJourneys) }
}

const FAILED: readonly string[] = ['unexpected', 'flaky']

/** By the outcome of each test: `ok` of a journey of several projects is that of the first. */
function failedJourneys({ file, specs, suites = [] }: z.infer<typeof suite>): string[] {
  const failed = specs.flatMap(({ title, tests }) =>
    tests
      .filter(({ status }) => FAILED.includes(status))
      .map(({ projectName, results: tries }) =>
        withReason(
          `e2e/${file}, in ${projectName}: ${title}`,
          tries.flatMap(({ errors }) => errors.map(({ message = '' }) => message)),
        ),
      ),
  )
  return [...failed, ...suites.flatMap(failedJourneys)]
}

const REASON_LINES = 12

/** A failure with the beginning of what it said; the stack is in the log. */
function withReason(where: string, messages: readonly string[]): string {
  const lines = messages
    .flatMap((message) => stripVTControlCharacters(message).split('\n'))
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
  return [where, ...lines.slice(0, REASON_LINES).map((line) => `    ${line.slice(0, 240)}`)].join('\n')
}

/** A runner's exit code and its report together: a runner that broke down without a report, or beside it, counts as one failure. */
async function tally(code: number, file: string, read: (report: unknown) => Tally): Promise<Tally> {
  const text = await readFile(file, 'utf8').catch(() => null)
  const { passed, failed, failures } = text === null ? { passed: 0, failed: 0, failures: [] } : read(JSON.parse(text))
  if (failed > 0 || (code === 0 && text !== null)) return { passed, failed, failures }
  return { passed, failed: 1, failures: [`${file}: ended with code ${code}${text === null ? ', without a report' : ''}`] }
}

async function checks(): Promise<Tally> {
  const began = performance.now()
  const done = await runChecks(console.log)
  console.log(summary(done, performance.now() - began))
  const failures = done.filter((one) => one.wrong).map(({ name }) => `check: ${name}`)
  return { passed: done.length - failures.length, failed: failures.length, failures }
}

async function unitTests(): Promise<Tally> {
  const file = join(results, 'vitest.json')
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`]
  // a process that a failed test has left running may keep vitest waiting for ever: half a minute after the report it has to go
  const late = new AbortController()
  const watch = setInterval(
    () =>
      void access(file).then(
        () => setTimeout(() => late.abort(), 30_000).unref(),
        () => undefined,
      ),
    1000,
  )
  const code = await attach(process.execPath, [bin('vitest'), 'run', ...reporters], { signal: late.signal })
  clearInterval(watch)
  if (late.signal.aborted) console.error('vitest was done and did not end: a test has left something running.')
  return tally(code, file, tallyVitest)
}

/** In the app and in Chromium at once: a journey waits for devices more than it works. */
async function endToEnd(): Promise<Tally> {
  // Both would set it up.
  await electronBinary()
  const tallies = await Promise.all(
    ['app', 'chromium'].map(async (project) => {
      const file = join(results, `playwright-${project}.json`)
      const args = [`--project=${project}`, '--reporter=line,json', `--output=${join(results, 'e2e', project)}`]
      const code = await journeys(args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file, CI: '1' })
      return tally(code, file, tallyPlaywright)
    }),
  )
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
    failures: tallies.flatMap(({ failures }) => failures),
  }
}

async function main(): Promise<number> {
  const lacking = await provideTools()
  if (lacking) {
    console.error(lacking)
    console.log('0 passed, 1 failed')
    return 1
  }
  if (process.getuid?.() !== 0) console.log('Not as root: what needs loop devices, mounts and boards of their own is not tried.')
  await rm(results, { recursive: true, force: true })
  await mkdir(results, { recursive: true })
  const sum: Tally = { passed: 0, failed: 0, failures: [] }
  let isInterrupted = false
  const interrupt = () => (isInterrupted = true)
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  for (const [name, run] of Object.entries({ checks, 'unit and integration tests': unitTests, journeys: endToEnd })) {
    console.log(`\n== ${name}`)
    const { passed, failed, failures } = await run()
    sum.passed += passed
    sum.failed += failed
    sum.failures.push(...failures)
    if (isInterrupted) {
      console.log('\nInterrupted.')
      sum.failed += 1
      break
    }
  }
  if (sum.failures.length > 0) console.log(['\n== failed', ...sum.failures].join('\n'))
  console.log(`\n${sum.passed} passed, ${sum.failed} failed`)
  return sum.failed === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main()
