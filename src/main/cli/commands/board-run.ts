import type { Board, BoardPower } from '../../contract/boards.ts'
import { AppError } from '../../contract/errors.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { type Keyboard, processKeyboard } from '../keyboard.ts'
import { say } from '../language.ts'
import { now } from '../live.ts'
import { entryText, size, table, time } from '../text.ts'

/** Ctrl+], as with otabench terminal. */
const LEAVE = 0x1d

export async function findBoard(client: EngineClient, name: string): Promise<Board> {
  const found = (await now(client.boards.list())).find((board) => board.name === name)
  if (found) return found
  throw new AppError('NOT_FOUND', `There is no virtual board ${name}`, 'See otabench board list.')
}

export async function list({ openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const boards = await now(session.client.boards.list())
  out.result(boards, boards.length === 0 ? 'No boards yet: otabench board create NAME' : shown(boards))
}

/** A row a board. */
export function shown(boards: readonly Board[]): string {
  const rows = boards.map(({ name, state, seen, claimed, boot, mismatch, ssh, memoryBytes, diskBytes, takes }) => [
    ...[name, state, seen ? `${seen.slot ?? seen.partition}: ${seen.artifactName ?? '?'}` : '-', claimed?.artifactName ?? '-'],
    mismatch === null ? '-' : say(`MISMATCH: ${mismatch}`),
    boot === null ? '-' : say(bootText(boot)),
    ...[
      String(ssh.port),
      size(memoryBytes),
      `${takes.memoryBytes === null ? '-' : size(takes.memoryBytes)} of ${size(takes.memoryLimitBytes)}`,
    ],
    ...[size(diskBytes), size(takes.diskBytes)],
  ])
  const head = ['board', 'state', 'runs', 'says', 'mismatch', 'u-boot', 'ssh port', 'memory', 'with QEMU', 'card', 'on disk']
  return table(head, rows)
}

function bootText({ bootSlot, isUpgradeAvailable, bootCount }: NonNullable<Board['boot']>): string {
  return isUpgradeAvailable ? `slot ${bootSlot}, trial, boot count ${bootCount}` : `slot ${bootSlot}`
}

export async function power(name: string, action: BoardPower, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.boards.power({ name, action })
  const board = await findBoard(session.client, name)
  out.result(board, shown([board]))
}

export async function remove(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  await session.client.boards.remove({ name })
  out.result({ removed: name }, `${name} is gone, with its card.`)
}

export async function environment(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const variables = await session.client.boards.environment({ name })
  const lines = Object.entries(variables).map(([key, value]) => `${key}=${value}`)
  out.verbatim(variables, lines.join('\n'))
}

/** The joined timeline of the newest deployment, and what explains its end. */
export async function why(name: string, { openEngine, out }: CliContext): Promise<void> {
  await using session = await openEngine()
  const { client } = session
  const { deployment } = await findBoard(client, name)
  if (!deployment) return out.result({ deployment: null, entries: [], cause: null }, 'Nothing was deployed to it yet.')
  const { entries, cause } = await now(client.boards.timeline({ name, deploymentId: deployment.id }))
  // What the console printed besides is in `board console`; lines of it have numbers below zero.
  const lines = entries
    .filter(({ id }) => id > 0)
    .map(({ at, lane, text }) => `${time(at)}  ${lane.padEnd(6)}  ${entryText({ lane, text })}`)
  const because = cause === null ? [] : ['', cause.summary, cause.remedy]
  out.result({ deployment, entries, cause }, [...lines, '', `${deployment.artifactName}: ${deployment.status}`, ...because].join('\n'))
}

/** Its serial console, until Ctrl+] or the end of what is piped in. */
export async function boardConsole(name: string, context: CliContext, keyboard: Keyboard = processKeyboard()): Promise<void> {
  await using session = await context.openEngine()
  const { client } = session
  const leaving = new AbortController()
  const signal = AbortSignal.any([context.signal, leaving.signal])
  const output = await client.boards.console({ name }, { signal })
  context.out.note(`The console of ${name}. Ctrl+] leaves it.`)
  keyboard.setRaw(true)
  const typing = typeAll({ client, name, keyboard, signal }).finally(() => leaving.abort())
  try {
    for await (const { data } of output) keyboard.write(Buffer.from(data, 'base64'))
  } catch (thrown) {
    if (!leaving.signal.aborted) throw thrown
  } finally {
    leaving.abort()
    keyboard.setRaw(false)
  }
  await typing
}

interface Typing {
  client: EngineClient
  name: string
  keyboard: Keyboard
  signal: AbortSignal
}

async function typeAll({ client, name, keyboard, signal }: Typing): Promise<void> {
  for await (const chunk of keyboard.input(signal)) {
    const at = keyboard.isTerminal ? chunk.indexOf(LEAVE) : -1
    const typed = at < 0 ? chunk : chunk.subarray(0, at)
    if (typed.length > 0) await client.boards.type({ name, data: Buffer.from(typed).toString('base64') })
    if (at >= 0) return
  }
}
