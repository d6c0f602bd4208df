// The built app in a window of its own, for measuring.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import { electronBinary } from './electron-runtime.ts'
import { type Fleet, type FleetOptions, startFleet } from './fleet.ts'
import { noScreen } from './open.ts'
import { root } from './program.ts'

/** Of the user admin. */
const PASSWORD = 'bench'
export const LISTEN = { http: '127.0.0.1:0', https: '127.0.0.1:0' }

/** Gives the work a screen: the one that is there, else one of its own. */
export async function withScreen<T>(work: (display: string | undefined) => Promise<T>): Promise<T> {
  const screen = noScreen(process.platform, process.env) === null ? null : await startScreen()
  try {
    return await work(screen?.display)
  } finally {
    screen?.process.kill()
  }
}

/** Xvfb writes the number that it took. */
async function startScreen(): Promise<{ process: ChildProcess; display: string }> {
  const xvfb = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24'], { stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const line of createInterface({ input: xvfb.stdout })) return { process: xvfb, display: `:${line}` }
  throw new Error('Xvfb did not start')
}

/** Gives the work a folder that is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What starts the built app on `folder`/data, with settings of its own. */
export function appArguments(folder: string): string[] {
  const own = ['--data', join(folder, 'data'), `--user-data-dir=${join(folder, 'window')}`]
  return [root, ...own, '--http', LISTEN.http, '--https', LISTEN.https]
}

/** Starts the built app, to be driven. */
export async function launchApp(folder: string, display: string | undefined): Promise<ElectronApplication> {
  return _electron.launch({ executablePath: await electronBinary(), args: appArguments(folder), env: appEnvironment(display) })
}

export function appEnvironment(display: string | undefined): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return {
    ...Object.fromEntries(set),
    OTABENCH_NODE: process.execPath,
    OTABENCH_ADMIN_PASSWORD: PASSWORD,
    ...(display === undefined ? {} : { DISPLAY: display }),
  }
}

export interface AppAndFleet {
  app: ElectronApplication
  page: Page
  fleet: Fleet
  /** Gone afterwards. */
  folder: string
}

/** Gives the work the app, and devices of another process that poll its server. */
export async function withAppAndFleet<T>(
  devices: Omit<FleetOptions, 'server' | 'folder' | 'password'>,
  work: (there: AppAndFleet) => Promise<T>,
): Promise<T> {
  return withScreen((display) =>
    inFolder(async (folder) => {
      await using app = await launchApp(folder, display)
      const page = await app.firstWindow()
      await using fleet = await startFleet({ ...devices, server: await serverOf(page), folder, password: PASSWORD })
      return await work({ app, page, fleet, folder })
    }),
  )
}

/** Where devices find the app's server. */
function serverOf(page: Page): Promise<string> {
  return page
    .getByRole('contentinfo')
    .getByRole('button', { name: /^Server running/ })
    .getByText(/^http:/)
    .innerText()
}

/** The processes of the app that are measured, by their ids. */
export interface Processes {
  engine: number
  page: number
}

export async function processesOf(app: ElectronApplication): Promise<Processes> {
  const page = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0)
  const main = await app.evaluate(() => process.pid)
  const children = (await readFile(`/proc/${main}/task/${main}/children`, 'utf8')).trim().split(' ').map(Number)
  for (const child of children) {
    if ((await readFile(`/proc/${child}/cmdline`, 'utf8')).includes('engine.js')) return { engine: child, page }
  }
  throw new Error('The app has no engine')
}
