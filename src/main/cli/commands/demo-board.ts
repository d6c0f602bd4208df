import { createRouterClient } from '@orpc/server'
import type { Board, UpdateKind } from '../../contract/boards.ts'
import { createEngine } from '../../engine/engine.ts'
import type { CliContext, EngineClient } from '../context.ts'
import { followJob } from '../follow-job.ts'
import { now, until } from '../live.ts'
import { entryText, size } from '../text.ts'
import type { DemoWork } from './demo-story.ts'

const NAME = 'demo'
const [FIRST, GOOD, BROKEN] = ['demo-os-1', 'demo-os-2', 'demo-os-3-panics']

/** The demo with a board, and its server up. */
interface BoardDemo extends DemoWork {
  client: EngineClient
}

/** The same story with a virtual board, in which everything is real but its silicon. */
export async function demoBoard(work: DemoWork, context: CliContext): Promise<void> {
  const { host, folder, story } = work
  await using resources = new AsyncDisposableStack()
  await keepPackages(folder, context)
  const engine = await story.step('Start the server', async () => {
    const loopback = { host: '127.0.0.1', port: 0 }
    const started = await createEngine(host, { dataFolder: `${folder}/engine`, http: loopback, https: loopback, acceptMode: 'none' })
    resources.defer(() => started.close())
    return { value: started, figures: [started.urls.join(' '), 'with a certificate authority of its own'] }
  })
  const demo = { ...work, client: createRouterClient(engine.router) }
  await makeBoard(demo)
  await story.step(`Deploy ${GOOD}`, () => deploy(demo, { name: GOOD, kind: 'good', status: 'success', slot: 'B', runs: GOOD }))
  await story.step(`Deploy ${BROKEN}, whose init ends`, () =>
    deploy(demo, { name: BROKEN, kind: 'init-panics', status: 'failure', slot: 'B', runs: GOOD }),
  )
  await printTimeline(demo)
  await story.step('Switch the board off', async () => {
    await demo.client.boards.power({ name: NAME, action: 'off' })
    return { value: undefined, figures: ['its file systems were written, and nothing of it runs any more'] }
  })
}

/** What was fetched for boards stays with the data folder: the next demo needs no network. */
async function keepPackages(folder: string, { host, globals }: CliContext): Promise<void> {
  const kept = `${globals().data}/boards/.packages`
  await host.files.makeFolder(kept)
  await host.files.makeFolder(`${folder}/engine/boards`)
  await host.files.makeLink(`${folder}/engine/boards/.packages`, kept)
}

function makeBoard({ client, story, out, signal }: BoardDemo): Promise<void> {
  return story.step("Make a board from Debian's packages, and switch it on", async () => {
    const wish = { name: NAME, artifactName: FIRST, pollSeconds: 1, silenceSeconds: 60 }
    const { jobId } = await client.boards.create(wish)
    await followJob(client, jobId, { out, signal })
    const board = await seen(client, signal, ({ state, claimed }) => state === 'up' && claimed?.artifactName === FIRST)
    const figures = [
      `a card of ${size(board.diskBytes)}, ${size(board.memoryBytes)} of memory, SSH on port ${board.ssh.port}`,
      `U-Boot starts slot ${board.seen?.slot}, the Mender client polls over https and is accepted by its key`,
    ]
    return { value: undefined, figures, trouble: troubleOf(board, { slot: 'A', runs: FIRST }) }
  })
}

async function seen(client: EngineClient, signal: AbortSignal, fits: (board: Board) => boolean): Promise<Board> {
  const [board] = await until(client.boards.list(undefined, { signal }), (all) => all.some(fits))
  if (!board) throw new Error('the board is gone')
  return board
}

interface Expected {
  name: string
  kind: UpdateKind
  status: string
  slot: 'A' | 'B'
  runs: string
}

async function deploy({ client, story, out, signal, host }: BoardDemo, { name, kind, status, slot, runs }: Expected) {
  const { jobId } = await client.boards.makeUpdate({ artifactName: name, kind })
  await followJob(client, jobId, { out, signal })
  const [device] = await now(client.devices.list())
  const startedAt = host.clock.now()
  const target = { kind: 'devices' as const, ids: [device?.id ?? ''] }
  const { id } = await client.deployments.create({ name, artifactName: name, target })
  let told = ''
  const ended = await until(
    client.deployments.show({ id }, { signal }),
    (each) => each.status === 'finished' && each.devices.every((one) => one.status !== 'failure' || one.hasLog),
    ({ devices: [one] }) => {
      if (one && one.status !== told) story.tell(one.status)
      told = one?.status ?? told
    },
  )
  const board = await seen(client, signal, ({ state, boot }) => state === 'up' && boot?.isUpgradeAvailable === false)
  const { cause } = await now(client.boards.timeline({ name: NAME, deploymentId: id }))
  const said = ended.devices[0]?.status
  const seconds = ((host.clock.now() - startedAt) / 1000).toFixed(1)
  const figures = [
    `${said} after ${seconds} s; slot ${board.seen?.slot} runs ${board.seen?.artifactName}, as its console shows`,
    ...(cause ? [`cause: ${cause.summary}`] : []),
  ]
  const trouble = [...(said === status ? [] : [`it ended with ${said}, not ${status}`]), ...troubleOf(board, { slot, runs })]
  if (status === 'failure' && !cause?.summary.includes('init')) trouble.push('the cause of the failure is not known')
  return { value: undefined, figures, trouble }
}

function troubleOf({ seen: found, mismatch }: Board, { slot, runs }: Pick<Expected, 'slot' | 'runs'>): string[] {
  const isRight = found?.slot === slot && found.artifactName === runs
  return [
    ...(isRight ? [] : [`slot ${found?.slot} runs ${found?.artifactName}, not ${runs} on ${slot}`]),
    ...(mismatch === null ? [] : [mismatch]),
  ]
}

/** What server, client, console and power switch saw of the update that was taken back, on one clock. */
function printTimeline({ client, story, out }: BoardDemo): Promise<void> {
  return story.step('Look at the update that was taken back', async () => {
    const [board] = await now(client.boards.list())
    const { entries, cause } = await now(client.boards.timeline({ name: NAME, deploymentId: board?.deployment?.id }))
    const noted = entries.filter(({ id, lane }) => id > 0 && lane !== 'log')
    const start = noted[0]?.at ?? 0
    for (const { id, at, lane, level, text } of noted) {
      const line = `${((at - start) / 1000).toFixed(2).padStart(8)} s  ${lane.padEnd(6)}  ${entryText({ lane, text })}`
      out.verbatim({ at, lane, level, text }, id === cause?.entryId ? story.paint('bad', line) : line)
    }
    return { value: undefined, figures: [`${noted.length} entries, and ${entries.length - noted.length} lines of logs and console`] }
  })
}
