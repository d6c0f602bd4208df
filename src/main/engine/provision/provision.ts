import { AppError, toAppError } from '../../contract/errors.ts'
import { Board } from './board.ts'
import { provideClient } from './client.ts'
import { runChecks, runCommands } from './commands.ts'
import { provideConfiguration, provideIdentity, putFiles } from './configure.ts'
import type { Ledger } from './ledger.ts'
import { lookAtBoard } from './look.ts'
import type { ResolvedRecipe } from './resolve.ts'
import { type Outcome, type Preauthorize, type Run, type RunJob, note } from './run.ts'
import { lookAtServices, provideServices, startAnew } from './services.ts'
import type { BoardShell } from './shell.ts'
import { Undoing } from './undo.ts'

export interface Provisioning {
  resolved: ResolvedRecipe
  ledger: Ledger
  /** null: the server is told nothing. */
  preauthorize: Preauthorize | null
  /** Reaches the board; a second time when the connection was lost and something has to be undone. */
  connect(signal: AbortSignal): Promise<BoardShell>
  /** Asked once, when sudo wants a password. */
  askSudoPassword: (() => Promise<string>) | null
}

/** Undoing goes on after a run was cancelled, but not for ever. */
const UNDO_MS = 120_000

/**
 * Carries a recipe out on a board. What is as it should be already is left alone. When a step fails, or the job is cancelled, what was done
 * is undone, and the failure says what could not be.
 */
export async function provisionBoard(provisioning: Provisioning, job: RunJob): Promise<Outcome> {
  const { resolved, preauthorize, connect } = provisioning
  if (preauthorize !== null && (resolved.key === null || resolved.recipe.identity === undefined))
    throw new AppError('BAD_INPUT', 'A device is preauthorized by its identity and key', 'Say identity and key in the recipe.')
  job.step('Connect')
  const asked = once(provisioning.askSudoPassword)
  await using shell = await connect(job.signal)
  const board = new Board(shell, { signal: job.signal, askSudoPassword: asked })
  const undoing = new Undoing()
  try {
    const run = await carryOut({ provisioning, job, board, undoing })
    await board.settle()
    for (const number of run.numbers) provisioning.ledger.end(number, 'given')
    return run.outcome
  } catch (thrown) {
    const signal = AbortSignal.timeout(UNDO_MS)
    throw await withUndo(thrown, { undoing, job, reach: () => again({ connect, shell, signal, asked, folder: board.folder }) })
  } finally {
    // The folder goes away with the board's next start.
    await board.tidyUp().catch(() => undefined)
  }
}

interface Work {
  provisioning: Provisioning
  job: RunJob
  board: Board
  undoing: Undoing
}

async function carryOut({ provisioning, job, board, undoing }: Work): Promise<Run> {
  const { resolved, ledger, preauthorize } = provisioning
  job.step('Look at the board')
  const facts = await lookAtBoard(board)
  job.log(
    `${board.name}: ${facts.system || 'unknown system'}, ${facts.architecture}, ${facts.clientVersion === null ? 'no Mender client' : `Mender client ${facts.clientVersion}`}`,
  )
  const outcome: Outcome = { board: board.name, changed: [], unchanged: [], identity: {}, keyFingerprint: null, deviceId: null }
  const run: Run = { ...{ resolved, board, ledger, preauthorize, job, undoing, facts, outcome }, publicKeyPem: null, numbers: [] }
  const services = await lookAtServices(run)
  if (services.some(({ isActive }) => isActive)) undoing.add('services start anew', (again) => startAnew(again, services, facts.hasSystemd))
  job.step('Mender client')
  if (isForMender(resolved)) await provideClient(run)
  undoing.add('files', async (again) => {
    const { done, left } = await again.restore()
    for (const line of done) job.log(line)
    if (left.length > 0) throw new AppError('INTERRUPTED', left.join(', '))
  })
  job.step('Identity and key')
  if (isForMender(resolved)) await provideIdentity(run)
  job.step('Configuration')
  await provideConfiguration(run)
  job.step('Files')
  await putFiles(run, resolved.files)
  job.step('Commands')
  await runCommands(run)
  job.step('Preauthorize')
  await preauthorizeOn(run)
  job.step('Services')
  await provideServices(run, services)
  job.step('Checks')
  await runChecks(run)
  return run
}

/** A recipe may as well place some files on a board that is none of Mender's. */
function isForMender({ recipe, settings, key }: ResolvedRecipe): boolean {
  const { identity, deviceType, server } = recipe
  return key !== null || identity !== undefined || deviceType !== undefined || server !== undefined || Object.keys(settings).length > 0
}

async function preauthorizeOn(run: Run): Promise<void> {
  const { preauthorize, publicKeyPem, outcome, undoing } = run
  if (preauthorize === null || publicKeyPem === null) return
  const { deviceId, isNew, undo } = await preauthorize({ identity: outcome.identity, publicKeyPem })
  outcome.deviceId = deviceId
  if (isNew) undoing.addHere('the preauthorization', undo)
  note(run, isNew ? `preauthorized ${deviceId}` : `the server knows ${deviceId}`, isNew)
}

interface Failing {
  undoing: Undoing
  job: RunJob
  reach(): Promise<{ board: Board } & AsyncDisposable>
}

/** The failure, with what was undone and what could not be. */
async function withUndo(thrown: unknown, { undoing, job, reach }: Failing): Promise<AppError> {
  const error = toAppError(thrown)
  const { done, left } = await undo(undoing, reach)
  for (const line of done) job.log(`undone: ${line}`)
  for (const line of left) job.log(`NOT undone: ${line}`)
  const said = [
    ...(done.length > 0 ? [`Undone: ${done.join(', ')}.`] : []),
    ...(left.length > 0 ? [`Not undone: ${left.join(', ')}.`] : []),
  ]
  return new AppError(error.code, error.message, [error.hint, ...said].filter((text) => text !== '').join(' '), error)
}

async function undo(undoing: Undoing, reach: Failing['reach']): Promise<{ done: string[]; left: string[] }> {
  const stack = new AsyncDisposableStack()
  try {
    const { board } = stack.use(await reach())
    const report = await undoing.undo(board)
    await board.tidyUp()
    return report
  } catch (thrown) {
    const report = await undoing.undo(null)
    const { message } = toAppError(thrown)
    return report.left.length === 0
      ? report
      : { ...report, left: [...report.left, `the board is out of reach (${message}): run it again when it is back`] }
  } finally {
    await stack.disposeAsync().catch(() => undefined)
  }
}

interface Reaching extends Pick<Provisioning, 'connect'> {
  shell: BoardShell
  signal: AbortSignal
  asked: Provisioning['askSudoPassword']
  folder: string | null
}

/** The board once more: over the same connection where that still stands. */
async function again({ connect, shell, signal, asked, folder }: Reaching) {
  const work = { signal, askSudoPassword: asked }
  const stands = await shell.run('true', { signal }).then(
    () => true,
    () => false,
  )
  if (stands) return { board: new Board(shell, work, folder), [Symbol.asyncDispose]: async () => undefined }
  const fresh = await connect(signal)
  return { board: new Board(fresh, work, folder), [Symbol.asyncDispose]: () => fresh[Symbol.asyncDispose]() }
}

function once(ask: (() => Promise<string>) | null): (() => Promise<string>) | null {
  let answer: Promise<string> | null = null
  return ask && (() => (answer ??= ask()))
}
