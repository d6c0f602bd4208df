// npm run e2e: the journeys of e2e/ in the real app, on a screen of its own where there is none, and in Chromium.
import { electronBinary } from './electron-runtime.ts'
import { noScreen } from './open.ts'
import { attach, bin, type Options } from './program.ts'

/**
 * Runs Playwright with the app's Electron and this Node in the environment: ELECTRON_OVERRIDE_DIST_PATH stays as it is,
 * OTABENCH_ELECTRON is the binary to launch, OTABENCH_NODE what the app's engine runs on.
 */
export async function journeys(args: readonly string[], env: Options['env'] = {}): Promise<number> {
  const playwright = [process.execPath, bin('playwright'), 'test', '--config', 'e2e/playwright.config.ts', ...args]
  const xvfb = ['xvfb-run', '--auto-servernum', '--server-args=-screen 0 1440x900x24']
  // Chromium is run without a window.
  const takesScreen = !args.includes('--project=chromium') && noScreen(process.platform, process.env)
  const words = takesScreen ? [...xvfb, ...playwright] : playwright
  const [command = '', ...rest] = words
  return attach(command, rest, { env: { ...env, OTABENCH_ELECTRON: await electronBinary(), OTABENCH_NODE: process.execPath } })
}

if (import.meta.main) process.exitCode = await journeys(process.argv.slice(2))
