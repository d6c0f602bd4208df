import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../contract/errors.ts'
import type { BoardCheck, BoardCommand } from '../../contract/recipe.ts'
import { type Run, note } from './run.ts'
import { type ShellResult, boardFailure, lastLine } from './shell.ts'

/** Runs the commands of a recipe, each as long as it may take. */
export async function runCommands(run: Run): Promise<void> {
  const { recipe, inputs } = run.resolved
  for (const [index, command] of recipe.commands.entries()) {
    run.job.progress(index, recipe.commands.length, 'items')
    await runCommand(run, command, inputs[index] ?? null)
  }
}

async function runCommand(run: Run, command: BoardCommand, input: Uint8Array | null): Promise<void> {
  const { board, undoing } = run
  const { run: script, unless, as, undo, timeoutSeconds } = command
  const name = titleOf(script)
  if (unless !== undefined && (await board.run(unless, { as })).exitCode === 0) return note(run, name, false)
  const back = undo === undefined ? null : async (again: typeof board) => void (await again.ask('Cannot undo it', undo, { as }))
  undoing.add(`the command ${name}`, back)
  const result = await board.run(script, { as, timeoutMs: timeoutSeconds * 1000, ...(input === null ? {} : { input }) })
  const wrong = wrongWith(command, result)
  if (wrong !== null) throw wrong(`${name} on ${board.name}`)
  note(run, `ran ${name}`, true)
}

/** What a command answered that it should not have; null when all is well. */
function wrongWith(
  { exitCode, expect }: Pick<BoardCheck, 'exitCode' | 'expect'>,
  result: ShellResult,
): ((what: string) => AppError) | null {
  if (result.exitCode !== exitCode)
    return (what) =>
      exitCode === 0
        ? boardFailure(`${what} failed`, result)
        : new AppError('VERIFY_FAILED', `${what} ended with ${result.exitCode}, and ${exitCode} is right`, 'Run it by hand on the board.')
  if (expect === undefined || result.stdout.includes(expect)) return null
  const said = lastLine(result.stdout)
  return (what) =>
    new AppError(
      'VERIFY_FAILED',
      `${what} said ${said === '' ? 'nothing' : JSON.stringify(said)}, and must say "${expect}"`,
      'Run it by hand on the board.',
    )
}

const RETRY_MS = 500

/** The checks at the end: the recipe is not fulfilled before they hold. */
export async function runChecks({ resolved, board, job }: Run): Promise<void> {
  for (const [index, check] of resolved.recipe.checks.entries()) {
    job.progress(index, resolved.recipe.checks.length, 'items')
    const end = performance.now() + check.withinSeconds * 1000
    for (;;) {
      const wrong = wrongWith(check, await board.run(check.run))
      if (wrong === null) break
      if (performance.now() > end) throw wrong(`The check ${titleOf(check.run)} on ${board.name}`)
      await sleep(RETRY_MS, undefined, { signal: job.signal })
    }
    job.log(`holds: ${titleOf(check.run)}`)
  }
}

export function titleOf(script: string): string {
  const [first = '', ...more] = script.trim().split('\n')
  return JSON.stringify(more.length > 0 || first.length > 80 ? `${first.slice(0, 80)}…` : first)
}
