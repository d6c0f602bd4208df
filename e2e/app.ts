import { join } from 'node:path'
import { _electron, type ElectronApplication } from '@playwright/test'

/** The root of the checkout. */
export const root = join(import.meta.dirname, '..')

interface StartOptions {
  /** Instead of Electron itself. */
  executable?: string
  more?: readonly string[]
  environment?: Record<string, string>
  /** With settings of its own, so that it meets no other; else those that the environment leads to. */
  isAlone?: boolean
}

/** The app's Electron. */
export const electronPath = process.env.OTABENCH_ELECTRON ?? join(root, '.tools', 'electron', 'electron')

/** What runs the engine and the command line. */
export const nodePath = process.env.OTABENCH_NODE ?? process.execPath

/** The built command line. */
export const cliPath = join(root, 'out', 'main', 'cli.js')

/** Starts the built app on `folder`/data, with ports of its own. */
export async function startApp(
  folder: string,
  { executable = electronPath, more = [], environment = {}, isAlone = true }: StartOptions = {},
): Promise<ElectronApplication> {
  const listen = ['--http', '127.0.0.1:0', '--https', '127.0.0.1:0']
  const electron = await _electron.launch({
    executablePath: executable,
    args: [root, '--data', join(folder, 'data'), ...(isAlone ? [`--user-data-dir=${join(folder, 'window')}`] : []), ...listen, ...more],
    env: { ...variables(), OTABENCH_NODE: nodePath, FONTCONFIG_FILE: join(root, 'e2e/fonts.conf'), ...environment },
    timeout: 0,
  })
  // As long as the journey may take, as in a browser: there Playwright sees to it by itself.
  electron.context().setDefaultTimeout(0)
  return electron
}

/** The environment without what is not set, as Playwright wants it. */
function variables(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
