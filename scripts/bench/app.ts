// The app: how soon it is there, and what it weighs while nothing happens and while a fleet is updated.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseBroken, startButton, virtualCard } from '../../e2e/virtual-bench.ts'
import { type AppAndFleet, LISTEN, type Processes, inFolder, launchApp, processesOf, withAppAndFleet, withScreen } from '../app-window.ts'
import type { Row } from '../bench.ts'
import { deployToAll } from '../fleet.ts'
import { privateBytes, residentBytes } from '../process-memory.ts'
import { root } from '../program.ts'
import { median } from '../quantiles.ts'
import { startApp } from './load/app-start.ts'
import { seedDatabase } from './load/seed.ts'

const command = 'npm run bench app'
const STARTS = 5
const SETTLE_MS = 5000
const FLEET = 100
/** As many as a window holds. */
const KNOWN = 1000
const SAMPLE_MS = 100
/** As long as an update of a virtual device may take at all. */
const STORY_MS = 300_000

interface Start {
  firstPaintMs: number
  /** Until a click on the first card has shown what is known of its device. */
  usableMs: number
  engineBytes: number
  pageBytes: number
  /** The page's alone. */
  ownBytes: number
}

/** Starts the built app several times on a bench of many devices, then its engine alone; the medians. */
export async function benchApp(): Promise<Row[]> {
  const rows = await withScreen(async (display) => {
    const starts: Start[] = []
    for (let i = 0; i < STARTS; i += 1) starts.push(await inFolder((folder) => measureStart(folder, display)))
    const engine: number[] = []
    for (let i = 0; i < STARTS; i += 1) engine.push(await inFolder(startEngine))
    const of = (fact: keyof Start): number => median(starts.map((start) => start[fact]))
    const known = `${KNOWN.toLocaleString('en')} devices`
    const explained = await inFolder((folder) => explainRollback(folder, display))
    return [
      row(`App start to first paint, ${known}`, of('firstPaintMs'), 'ms'),
      row(`App start until a card has answered a click, ${known}`, of('usableMs'), 'ms'),
      row('Engine start to listening', median(engine), 'ms'),
      row(`Memory of the engine, idle, ${known}`, of('engineBytes') / 1e6, 'MB'),
      row(`Memory of the page, idle, ${known}`, of('pageBytes') / 1e6, 'MB'),
      row(`Memory of the page alone, idle, ${known}`, of('ownBytes') / 1e6, 'MB'),
      row('First screen until a rollback is explained, virtual bench', explained, 's'),
    ]
  })
  return [...rows, ...(await withAppAndFleet({ count: FLEET }, deployWhileOpen))]
}

function row(what: string, ours: number, unit: string): Row {
  return { what, ours, unit, command }
}

async function measureStart(folder: string, display: string | undefined): Promise<Start> {
  await mkdir(join(folder, 'data'))
  seedDatabase(join(folder, 'data', 'bench.db'), KNOWN)
  await using app = await startApp(folder, display)
  await sleep(SETTLE_MS)
  return {
    firstPaintMs: app.paintedAt - app.beganAt,
    usableMs: app.usableAt - app.beganAt,
    engineBytes: await residentBytes(app.engine),
    pageBytes: await residentBytes(app.page),
    ownBytes: await privateBytes(app.page),
  }
}

/** Seconds from the first screen to the line that explains a rollback, for a person who does not hesitate. */
async function explainRollback(folder: string, display: string | undefined): Promise<number> {
  await using app = await launchApp(folder, display)
  const page = await app.firstWindow()
  const start = startButton(page)
  await start.waitFor()
  const began = performance.now()
  await start.click()
  const card = virtualCard(page, 'virt-02')
  await card.getByText('UP TO DATE').waitFor({ timeout: STORY_MS })
  await chooseBroken(card)
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await card.getByRole('button', { name: 'Why?' }).click({ timeout: STORY_MS })
  await page.locator('[data-cause=true]').waitFor()
  return (performance.now() - began) / 1000
}

/** The most that engine and page weigh while a fleet of virtual devices of another process is updated. */
async function deployWhileOpen({ app, fleet }: AppAndFleet): Promise<Row[]> {
  const pids = await processesOf(app)
  const peak = { engine: 0, page: 0 }
  const sampling = setInterval(() => void sample(pids, peak), SAMPLE_MS)
  const began = performance.now()
  await deployToAll(fleet)
  const seconds = (performance.now() - began) / 1000
  clearInterval(sampling)
  const where = `deployment of ${(fleet.artifactBytes / 1e6).toFixed(1)} MB to ${FLEET} virtual devices`
  return [
    row(`Time of a ${where}`, seconds, 's'),
    row(`Memory of the engine, peak of a ${where}`, peak.engine / 1e6, 'MB'),
    row(`Memory of the page, peak of a ${where}`, peak.page / 1e6, 'MB'),
  ]
}

async function sample(pids: Processes, peak: Processes): Promise<void> {
  for (const name of ['engine', 'page'] as const) peak[name] = Math.max(peak[name], await residentBytes(pids[name]))
}

async function startEngine(folder: string): Promise<number> {
  const began = performance.now()
  const options = JSON.stringify({ data: join(folder, 'data'), ...LISTEN })
  const engine = fork(join(root, 'out', 'main', 'engine.js'), [options], { serialization: 'advanced' })
  try {
    await once(engine, 'message')
    return performance.now() - began
  } finally {
    engine.send({ kind: 'stop' })
    await once(engine, 'exit')
  }
}
