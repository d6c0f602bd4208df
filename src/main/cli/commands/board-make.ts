import type { z } from 'zod'
import { boardNameFor, newBoard, triedImage, updateKind } from '../../contract/boards.ts'
import { AppError } from '../../contract/errors.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { followJob } from '../follow-job.ts'
import { now } from '../live.ts'
import { absolute } from './artifact-files.ts'
import { findBoard, shown } from './board-run.ts'

interface MachineFlags {
  start: boolean
  memory: string
  silence: string
}

export interface CreateFlags extends MachineFlags {
  artifactName: string
  poll: string
  verifyKey?: string
}

export interface TryFlags extends MachineFlags {
  name?: string
}

export interface UpdateFlags {
  kind: string
  key?: string
}

export async function createBoard(name: string, flags: CreateFlags, context: CliContext): Promise<void> {
  await using session = await context.openEngine()
  const { client } = session
  const { artifactName, poll, verifyKey } = flags
  const machine = await machineOf(client, flags, context)
  const wish = { name, ...machine, artifactName, pollSeconds: Number(poll), verifyKeyId: await keyIdOf(client, verifyKey) }
  await made(client, await client.boards.create(checked(newBoard, wish, 'create')), { name, context })
}

/** Boots a copy of a card image. */
export async function tryImage(image: string, flags: TryFlags, context: CliContext): Promise<void> {
  await using session = await context.openEngine()
  const { client } = session
  const { name = boardNameFor(image) } = flags
  const wish = { name, ...(await machineOf(client, flags, context)), image: absolute(context.cwd, image) }
  await made(client, await client.boards.tryImage(checked(triedImage, wish, 'try')), { name, context })
}

async function machineOf(client: EngineClient, { memory, silence, start }: MachineFlags, context: CliContext) {
  return { memoryMiB: Number(memory), silenceSeconds: Number(silence), isOn: start && (await hasServer(client, context)) }
}

/** Whether a board can be on: it lives with the server, which a command that opens the data folder for itself does not run. */
async function hasServer(client: EngineClient, { out }: CliContext): Promise<boolean> {
  const isRunning = (await now(client.server.status())).state === 'running'
  if (!isRunning) out.note('It stays off: boards run with the server. Start otabench serve on this data folder, then otabench board start.')
  return isRunning
}

/** Follows the job that makes a board, and shows it. */
async function made(
  client: EngineClient,
  { jobId }: { jobId: string },
  { name, context }: { name: string; context: CliContext },
): Promise<void> {
  await followJob(client, jobId, context)
  const board = await findBoard(client, name)
  context.out.result(board, shown([board]))
}

function checked<S extends z.ZodType>(schema: S, wish: unknown, command: string): z.output<S> {
  const parsed = schema.safeParse(wish)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AppError('BAD_INPUT', `${String(issue?.path[0])}: ${issue?.message}`, `See otabench board ${command} --help.`)
}

export async function makeUpdate(artifactName: string, { kind, key }: UpdateFlags, context: CliContext): Promise<void> {
  await using session = await context.openEngine()
  const { client } = session
  const keyId = await keyIdOf(client, key)
  const { id, jobId } = await client.boards.makeUpdate({ artifactName, kind: updateKind.parse(kind), keyId })
  await followJob(client, jobId, context)
  context.out.result({ id, name: artifactName }, `${artifactName} is in the library.`)
}

export async function writeRootfs(
  { name, file }: { name: string; file: string },
  { kind }: UpdateFlags,
  context: CliContext,
): Promise<void> {
  await using session = await context.openEngine()
  const path = absolute(context.cwd, file)
  const { jobId } = await session.client.boards.writeRootfs({ artifactName: name, kind: updateKind.parse(kind), path })
  await followJob(session.client, jobId, context)
  context.out.verbatim({ path }, path)
}

async function keyIdOf(client: EngineClient, name: string | undefined): Promise<string | null> {
  if (name === undefined) return null
  const key = (await now(client.keys.list())).find((each) => each.name === name)
  if (key) return key.id
  throw new AppError('NOT_FOUND', `There is no key "${name}" in the key ring`, 'See otabench keys list.')
}
