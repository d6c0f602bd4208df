import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, _electron, type ElectronApplication, type Page, expect } from '@playwright/test'

const root = join(import.meta.dirname, '..')

export interface App {
  electron: ElectronApplication
  page: Page
  /** Clicks a person has made so far. */
  clicks: () => Promise<number>
  /** Keeps a picture of the window in test-results/. */
  picture: (name: string) => Promise<void>
}

/** Starts the built app on a fresh data folder and ports of its own. Ends it, and removes the folder, after the test. */
export const test = base.extend<{ app: App }>({
  app: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-e2e-'))
    const electron = await startApp(folder)
    const page = await electron.firstWindow()
    await page.setViewportSize({ width: 1280, height: 800 })
    await countClicks(page)
    // Before that the page hears no keys.
    await expect(page.getByRole('contentinfo').getByRole('button', { name: /^Server running/ })).toBeVisible()
    await use({
      electron,
      page,
      clicks: () => page.evaluate(() => Number(document.documentElement.dataset.clicks ?? 0)),
      picture: async (name) => {
        await page.screenshot({ path: join(root, 'test-results', 'pictures', `${name}.png`) })
      },
    })
    // What a test leaves going on is neither asked about nor held.
    await electron
      .evaluate(({ BrowserWindow }) => {
        for (const window of BrowserWindow.getAllWindows()) window.removeAllListeners('close')
      })
      .catch(() => undefined)
    await electron.close()
    await rm(folder, { recursive: true, force: true })
  },
})

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

/** Starts the built app on `folder`/data. */
export async function startApp(
  folder: string,
  { executable = electronPath, more = [], environment = {}, isAlone = true }: StartOptions = {},
): Promise<ElectronApplication> {
  const node = process.env.OTABENCH_NODE ?? process.execPath
  const listen = ['--http', '127.0.0.1:0', '--https', '127.0.0.1:0']
  return _electron.launch({
    executablePath: executable,
    args: [root, '--data', join(folder, 'data'), ...(isAlone ? [`--user-data-dir=${join(folder, 'window')}`] : []), ...listen, ...more],
    env: { ...variables(), OTABENCH_NODE: node, ...environment },
  })
}

/** The environment without what is not set, as Playwright wants it. */
function variables(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** Counts in the page itself, so that no click is forgotten. */
async function countClicks(page: Page): Promise<void> {
  await page.evaluate(() => {
    // A label passes its click on to its input: the person clicked once.
    const count = (event: MouseEvent): void => {
      if (event.detail === 0) return
      const { dataset } = document.documentElement
      dataset.clicks = String(Number(dataset.clicks ?? 0) + 1)
    }
    document.addEventListener('click', count, { capture: true })
  })
}
