// The app: how soon it is there, and what it weighs while nothing happens and while a fleet is updated.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { _electron, type ElectronApplication } from '@playwright/test'
import type { Row } from '../bench.ts'
import { electronBinary } from '../electron-runtime.ts'
import { noScreen } from '../open.ts'
import { root } from '../program.ts'
import { deployToAll, startFleet } from '../fleet.ts'

const command = 'npm run bench app'
const STARTS = 5
const SETTLE_MS = 5000
const FLEET = 100
const SAMPLE_MS = 100
const PASSWORD = 'bench'
const listen = { http: '127.0.0.1:0', https: '127.0.0.1:0' }

interface Start {
  firstPaintMs: number
  engineBytes: number
  pageBytes: number
}

/** Starts the built app several times on a fresh folder, then its engine alone; the medians. */
export async function benchApp(): Promise<Row[]> {
  const screen = noScreen(process.platform, process.env) === null ? null : await startScreen()
  try {
    const starts: Start[] = []
    for (let i = 0; i < STARTS; i += 1) starts.push(await inFolder((folder) => startApp(folder, screen?.display)))
    const engine: number[] = []
    for (let i = 0; i < STARTS; i += 1) engine.push(await inFolder(startEngine))
    return [
      row('App start to first paint', median(starts.map((start) => start.firstPaintMs)), 'ms'),
      row('Engine start to listening', median(engine), 'ms'),
      row('Memory of the engine, idle', median(starts.map((start) => start.engineBytes)) / 1e6, 'MB'),
      row('Memory of the page, idle', median(starts.map((start) => start.pageBytes)) / 1e6, 'MB'),
      ...(await inFolder((folder) => deployWhileOpen(folder, screen?.display))),
    ]
  } finally {
    screen?.process.kill()
  }
}

function row(what: string, ours: number, unit: string): Row {
  return { what, ours, unit, command }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function launchApp(folder: string, display: string | undefined): Promise<ElectronApplication> {
  const own = ['--data', join(folder, 'data'), `--user-data-dir=${join(folder, 'window')}`]
  const addresses = ['--http', listen.http, '--https', listen.https]
  return _electron.launch({ executablePath: await electronBinary(), args: [root, ...own, ...addresses], env: environment(display) })
}

async function startApp(folder: string, display: string | undefined): Promise<Start> {
  const began = Date.now()
  const app = await launchApp(folder, display)
  try {
    const page = await app.firstWindow()
    await page.getByText('Server running').waitFor()
    const paintedAt = await page.evaluate(
      () => performance.timeOrigin + (performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN),
    )
    await sleep(SETTLE_MS)
    const { engine, page: renderer } = await processes(app)
    return { firstPaintMs: paintedAt - began, engineBytes: await residentBytes(engine), pageBytes: await residentBytes(renderer) }
  } finally {
    await app.close()
  }
}

/** The most that engine and page weigh while a fleet of simulated devices of another process is updated. */
async function deployWhileOpen(folder: string, display: string | undefined): Promise<Row[]> {
  const app = await launchApp(folder, display)
  try {
    const page = await app.firstWindow()
    const server = await page
      .getByRole('contentinfo')
      .getByRole('button', { name: /^http:/ })
      .innerText()
    const pids = await processes(app)
    await using fleet = await startFleet({ server, count: FLEET, folder, password: PASSWORD })
    const peak = { engine: 0, page: 0 }
    const sampling = setInterval(() => void sample(pids, peak), SAMPLE_MS)
    const began = performance.now()
    await deployToAll(fleet)
    const seconds = (performance.now() - began) / 1000
    clearInterval(sampling)
    const where = `deployment of ${(fleet.artifactBytes / 1e6).toFixed(1)} MB to ${FLEET} simulated devices`
    return [
      row(`Time of a ${where}`, seconds, 's'),
      row(`Memory of the engine, peak of a ${where}`, peak.engine / 1e6, 'MB'),
      row(`Memory of the page, peak of a ${where}`, peak.page / 1e6, 'MB'),
    ]
  } finally {
    await app.close()
  }
}

async function sample(pids: { engine: number; page: number }, peak: { engine: number; page: number }): Promise<void> {
  for (const name of ['engine', 'page'] as const) peak[name] = Math.max(peak[name], await residentBytes(pids[name]))
}

async function processes(app: ElectronApplication): Promise<{ engine: number; page: number }> {
  const page = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0)
  const main = await app.evaluate(() => process.pid)
  const children = (await readFile(`/proc/${main}/task/${main}/children`, 'utf8')).trim().split(' ').map(Number)
  for (const child of children) {
    if ((await readFile(`/proc/${child}/cmdline`, 'utf8')).includes('engine.js')) return { engine: child, page }
  }
  throw new Error('The app has no engine')
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024
}

async function startEngine(folder: string): Promise<number> {
  const began = performance.now()
  const options = JSON.stringify({ data: join(folder, 'data'), ...listen })
  const engine = fork(join(root, 'out', 'main', 'engine.js'), [options], { serialization: 'advanced' })
  try {
    await once(engine, 'message')
    return performance.now() - began
  } finally {
    engine.send({ kind: 'stop' })
    await once(engine, 'exit')
  }
}

/** A screen of its own where there is none. Xvfb writes the number it took. */
async function startScreen(): Promise<{ process: ChildProcess; display: string }> {
  const xvfb = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24'], { stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const line of createInterface({ input: xvfb.stdout })) return { process: xvfb, display: `:${line}` }
  throw new Error('Xvfb did not start')
}

function environment(display: string | undefined): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return {
    ...Object.fromEntries(set),
    OTABENCH_NODE: process.execPath,
    OTABENCH_ADMIN_PASSWORD: PASSWORD,
    ...(display === undefined ? {} : { DISPLAY: display }),
  }
}
