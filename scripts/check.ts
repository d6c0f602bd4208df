// npm run check: everything that can be said about the code without running it. Prints failures and one line.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyleft } from './check/licences.ts'
import { offencesIn } from './check/text.ts'
import { bin, capture, root } from './program.ts'

interface Check {
  name: string
  /** Answers what is wrong, in words; nothing when all is well. */
  run(): Promise<string>
}

interface Checked {
  name: string
  wrong: string
  tookMs: number
}

const program = (name: string, command: string, args: string[]): Check => ({
  name,
  async run() {
    const { code, output } = await capture(process.execPath, [bin(command), ...args], { env: { NO_COLOR: '1' } })
    return code === 0 ? '' : output.trim() || `${command} ended with code ${code}`
  },
})

/** What was found last time is kept: only what depends on a change is looked at again. */
const types = (name: string, folder: string): Check => {
  const found = join(root, '.tools', 'types', `${folder.replaceAll('/', '-')}.tsbuildinfo`)
  return program(name, 'tsc', ['-p', folder, '--incremental', '--tsBuildInfoFile', found])
}

const text: Check = {
  name: 'text',
  async run() {
    // what git knows, and what it does not know yet but will
    const { output } = await capture('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'])
    // the tests of these rules are made of offences
    const files = output
      .split('\0')
      .filter(
        (file) => /\.(tsx?|js|json|md|sh|yaml|html|css)$|^(run|test)$|^scripts\/node$/.test(file) && !file.startsWith('scripts/check/'),
      )
    const offences = await Promise.all(
      files.map(async (file) => offencesIn(file, await readFile(join(root, file), 'utf8').catch(() => ''), root)),
    )
    return offences
      .flat()
      .map((one) => `${one.file}:${one.line}: ${one.why}`)
      .join('\n')
  },
}

const licences: Check = { name: 'licences', run: async () => (await copyleft()).join('\n') }

/** The longest first, so that two cores end together. */
const checks: Check[] = [
  program('lint', 'oxlint', []),
  program('knip', 'knip', ['--no-progress']),
  types('types of main', 'src/main'),
  types('types of the page', 'src/renderer'),
  licences,
  types('types of the contract', 'src/main/contract'),
  types('types of scripts', 'scripts'),
  types('types of e2e', 'e2e'),
  types('types of preload', 'src/preload'),
  program('texts', 'lingui', ['check', 'sync', '--clean', '--overwrite', '--workers', '1', '--locale', 'en']),
  program('format', 'oxfmt', ['--check', '.']),
  text,
]

async function timed(check: Check): Promise<Checked> {
  const began = performance.now()
  const wrong = await check.run()
  return { name: check.name, wrong, tookMs: performance.now() - began }
}

/** Runs every check, a few at a time; each failure is printed as it comes. */
export async function runChecks(print: (line: string) => void): Promise<Checked[]> {
  const waiting = checks.values()
  const done: Checked[] = []
  const worker = async () => {
    for (const check of waiting) {
      const checked = await timed(check)
      if (checked.wrong) print(`── ${checked.name}\n${checked.wrong}\n`)
      done.push(checked)
    }
  }
  await Promise.all([worker(), worker(), worker()])
  return done
}

/** One line: what passed and what did not, and how long each took. */
export function summary(done: readonly Checked[], tookMs: number): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const each = done.map(({ name, wrong, tookMs: ms }) => `${wrong ? `${name} FAILED` : name} ${seconds(ms)}`)
  return `check, ${seconds(tookMs)}: ${each.join(', ')}`
}

if (import.meta.main) {
  const began = performance.now()
  const done = await runChecks(console.log)
  console.log(summary(done, performance.now() - began))
  process.exitCode = done.some((one) => one.wrong) ? 1 : 0
}
