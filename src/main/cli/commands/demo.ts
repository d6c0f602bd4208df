import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { Command } from 'commander'
import { createRouterClient } from '@orpc/server'
import { AppError } from '../../contract/errors.ts'
import { createEngine } from '../../engine/engine.ts'
import { EXIT_NEGATIVE } from '../print.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { NegativeOutcome } from '../run-command.ts'
import { demoBoard } from './demo-board.ts'
import { DemoDevices } from './demo-devices.ts'
import { buildUpdates, makeKey } from './demo-build.ts'
import { composeCard, flashCard, seedCard, slotOfCard } from './demo-card.ts'
import { type DemoWork, Story } from './demo-story.ts'
import { acceptDevices, deployBroken, deployGood, printTimeline } from './demo-update.ts'

const DEFAULT_DEVICES = 3
/** The whole story takes about 30 s; a machine that is busy may take its time. */
const LIMIT_MS = 240_000
/** With a board, two to four minutes on two cores. */
const BOARD_LIMIT_MS = 900_000

/** `otabench demo`: the whole story on this machine; exits 0 only when every step did what it should. */
export function demoCommand(context: CliContext): Command {
  return new Command('demo')
    .description(
      'Makes a card for virtual devices, then builds, signs, serves and deploys an update to them, and one that fails to boot and is rolled back.',
    )
    .option('--count <N>', 'how many virtual devices', (text) => Number(text), DEFAULT_DEVICES)
    .option('--board', 'with a virtual board: U-Boot, two slots and the real Mender client in QEMU')
    .action(({ count, board = false }: { count: number; board?: boolean }) => demo({ count, hasBoard: board }, context))
}

async function demo({ count, hasBoard }: { count: number; hasBoard: boolean }, context: CliContext): Promise<void> {
  if (!Number.isInteger(count) || count < 1 || count > 50)
    throw new AppError('BAD_INPUT', '--count must be 1 to 50', 'Without it there are three devices.')
  const folder = `${tmpdir()}/otabench-demo-${randomUUID()}`
  await context.host.files.makeFolder(folder)
  const limitMs = hasBoard ? BOARD_LIMIT_MS : LIMIT_MS
  const limit = AbortSignal.timeout(limitMs)
  try {
    const place = { folder, signal: AbortSignal.any([context.signal, limit]) }
    await (hasBoard ? tellOfBoard(place, context) : tell(count, place, context))
  } catch (thrown) {
    if (context.signal.aborted) throw new AppError('CANCELLED', 'The demo was stopped', '', thrown)
    if (limit.aborted)
      throw new AppError('INTERNAL', `The demo did not end within ${limitMs / 1000} s`, 'Is this machine very busy? Try again.', thrown)
    throw thrown
  } finally {
    await context.host.files.remove(folder)
  }
}

async function tellOfBoard({ folder, signal }: { folder: string; signal: AbortSignal }, context: CliContext): Promise<void> {
  const story = new Story(context)
  await demoBoard({ host: context.host, folder, signal, story, out: context.out }, context)
  if (!story.isGood) throw new NegativeOutcome(EXIT_NEGATIVE)
  story.end()
}

async function tell(count: number, { folder, signal }: { folder: string; signal: AbortSignal }, context: CliContext): Promise<void> {
  const { host } = context
  const story = new Story(context)
  const work = { host, folder, signal, story, out: context.out }
  const key = await makeKey(work)
  const updates = await buildUpdates(work, key)
  const factory = await makeCards(work, updates.factoryImage)
  await using resources = new AsyncDisposableStack()
  const engine = await story.step('Start the server', async () => {
    const http = { host: '127.0.0.1', port: 0 }
    const started = await createEngine(host, { dataFolder: `${folder}/engine`, http, https: null, acceptMode: 'none' })
    resources.defer(() => started.close())
    return { value: started, figures: [started.urls.join(' '), 'new devices must be accepted'] }
  })
  const client = createRouterClient(engine.router)
  const devices = new DemoDevices(work, { count, serverUrl: engine.urls.at(-1) ?? '', key, imagePath: factory })
  resources.defer(() => devices.stop())
  const bench = { ...work, client, devices }
  const ids = await acceptDevices(bench)
  await deployGood(bench, updates.good)
  const deploymentId = await deployBroken(bench, updates)
  await printTimeline(bench, { ids, deploymentId })
  if (!story.isGood) throw new NegativeOutcome(EXIT_NEGATIVE)
  story.end()
}

/** Composes, flashes and seeds a card, all of it before there is a server. Answers what is in its slot A. */
async function makeCards(work: DemoWork, rootfs: string): Promise<string> {
  const card = await composeCard(work, rootfs)
  await using engine = await openStation(work)
  const drive = await flashCard(work, engine.client, card)
  await seedCard(work, engine.client, drive)
  return await slotOfCard(work, drive, card)
}

/** An engine that listens nowhere. */
async function openStation({ host, folder }: DemoWork): Promise<{ client: EngineClient } & AsyncDisposable> {
  const engine = await createEngine(host, { dataFolder: `${folder}/station`, http: null, https: null })
  return { client: createRouterClient(engine.router), [Symbol.asyncDispose]: () => engine.close() }
}
