import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test as base, type Browser, type ElectronApplication, expect, type Page, type TestInfo } from '@playwright/test'
import { root, startApp } from './app.ts'
import { openBrowser, Served } from './browser.ts'
import { whyDesktop } from './desktop-only.ts'
import { choose, chooseInPage } from './files.ts'

/** Where a journey is made: in the app, or in Debian's Chromium on `otabench serve --ui`. */
export type Where = 'app' | 'chromium'

/** The bench as a journey finds it, on a fresh data folder and ports of its own. */
export interface Bench {
  where: Where
  page: Page
  dataFolder: string
  /** Clicks a person has made so far. */
  clicks: () => Promise<number>
  /** Keeps a picture of the window in test-results/. */
  picture: (name: string) => Promise<void>
  clipboard: () => Promise<string>
  /** Does what asks for files, and answers with these. */
  give: (files: readonly string[], ask: () => Promise<void>) => Promise<void>
  /** Does what asks for a file or folder of the machine of the bench, or for where to write, and answers with this. */
  choose: (path: { open: string } | { folder: string } | { save: string }, ask: () => Promise<void>) => Promise<void>
  /** Does what saves something for the person at the page, and has it in this file: where the desktop's dialog says, or downloaded. */
  save: (file: string, ask: () => Promise<void>) => Promise<void>
  /** Follows a link to the bench: as the desktop hands it over, or by the address bar. */
  follow: (query: string) => Promise<void>
}

export interface App extends Bench {
  electron: ElectronApplication
}

/** What is there before the bench is opened. */
interface Given {
  /** Fills the data folder. */
  prepare?: (dataFolder: string) => void | Promise<void>
  environment?: Record<string, string>
  /** Whether a browser uses the files and drives of this machine, as most do that stand beside them. */
  isMachineShared?: boolean
}

interface Fixtures {
  given: Given
  opened: Bench & { electron: ElectronApplication | null }
  /** For what is the same in the app and in a browser: most. */
  bench: Bench
  /** Starts an app besides, with other settings; for journeys that are named in desktop-only.ts. */
  start: typeof startApp
  /** For what takes a desktop: such a journey is named, with the reason, in desktop-only.ts. */
  app: App
}

/** A journey through the bench. */
export const test = base.extend<Fixtures, { where: Where; browserOfAll: Browser | null }>({
  where: ['app', { option: true, scope: 'worker' }],
  browserOfAll: [
    async ({ where }, use) => {
      const browser = where === 'chromium' ? await openBrowser() : null
      await use(browser)
      await browser?.close()
    },
    { scope: 'worker' },
  ],
  given: [{}, { option: true }],
  opened: async ({ browserOfAll, given }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-e2e-'))
    try {
      await mkdir(join(folder, 'data'))
      await given.prepare?.(join(folder, 'data'))
      await using place = await (browserOfAll === null ? inApp(folder, given) : inChromium(browserOfAll, folder, given))
      await countClicks(place.page)
      // Before that the page hears no keys.
      await expect(place.page.getByRole('contentinfo').getByRole('button', { name: /^Server running/ })).toBeVisible()
      await use(place)
    } finally {
      // What the engine has started may end a moment after it.
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    }
  },
  start: async ({}, use, testInfo) => {
    requireNamed(testInfo)
    await use(startApp)
  },
  bench: async ({ opened }, use, testInfo) => {
    if (why(testInfo) !== null) throw new Error(`desktop-only.ts names "${testInfo.title}", which takes nothing that only a desktop has`)
    await use(opened)
  },
  app: async ({ opened: { electron, ...bench } }, use, testInfo) => {
    requireNamed(testInfo)
    if (electron === null) throw new Error('There is no app in a browser')
    await use({ ...bench, electron })
  },
})

function requireNamed(testInfo: TestInfo): void {
  if (why(testInfo) === null) throw new Error(`"${testInfo.title}" takes a desktop: name it in desktop-only.ts, with the reason`)
}

const why = ({ file, title }: TestInfo): string | null => whyDesktop(basename(file), title)

type Opened = Fixtures['opened'] & AsyncDisposable

async function inApp(folder: string, { environment = {} }: Given): Promise<Opened> {
  const electron = await startApp(folder, { environment })
  const page = await electron.firstWindow({ timeout: 0 })
  await page.setViewportSize({ width: 1280, height: 800 })
  return {
    ...{ where: 'app', page, electron, dataFolder: join(folder, 'data') },
    ...ofPage(page, 'pictures'),
    clipboard: () => electron.evaluate(({ clipboard }) => clipboard.readText()),
    async give(files, ask) {
      await electron.evaluate(
        ({ dialog }, filePaths) => Object.assign(dialog, { showOpenDialog: () => Promise.resolve({ canceled: false, filePaths }) }),
        [...files],
      )
      await ask()
    },
    async choose(path, ask) {
      await choose({ electron }, 'save' in path ? path : { open: 'open' in path ? path.open : path.folder })
      await ask()
    },
    async save(file, ask) {
      await choose({ electron }, { save: file })
      await ask()
    },
    follow: (query) =>
      electron.evaluate(
        ({ app }, url) => void app.emit('open-url', { preventDefault: () => undefined }, url),
        `otabench://place/bench?${query}`,
      ),
    async [Symbol.asyncDispose]() {
      // What a test leaves going on is neither asked about nor held.
      await electron
        .evaluate(({ BrowserWindow }) => {
          for (const window of BrowserWindow.getAllWindows()) window.removeAllListeners('close')
        })
        .catch(() => undefined)
      await electron.close()
    },
  }
}

async function inChromium(browser: Browser, folder: string, { environment = {}, isMachineShared = true }: Given): Promise<Opened> {
  const server = await Served.start(folder, { environment, isMachineShared })
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  await page.goto(server.url)
  // What can be ordered is known once it is known who is there.
  await expect(page.getByRole('button', { name: /, engineer$/ })).toBeVisible()
  return {
    ...{ where: 'chromium', page, electron: null, dataFolder: join(folder, 'data') },
    ...ofPage(page, 'pictures/chromium'),
    clipboard: () => page.evaluate(() => navigator.clipboard.readText()),
    async give(files, ask) {
      const chooser = page.waitForEvent('filechooser')
      await ask()
      await (await chooser).setFiles([...files])
    },
    async choose(path, ask) {
      await ask()
      await chooseInPage(page, path)
    },
    async save(file, ask) {
      const download = page.waitForEvent('download')
      await ask()
      await (await download).saveAs(file)
    },
    async follow(query) {
      await page.goto(new URL(`/ui/#bench?${query}`, server.url).href)
      // Another fragment alone loads nothing.
      await page.reload()
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      await server.end()
    },
  }
}

function ofPage(page: Page, folder: string): Pick<Bench, 'clicks' | 'picture'> {
  return {
    clicks: () => page.evaluate(() => Number(document.documentElement.dataset.clicks ?? 0)),
    picture: async (name) => {
      await page.screenshot({ path: join(root, 'test-results', folder, `${name}.png`) })
    },
  }
}

/** Counts in the page itself, so that no click is forgotten: by presses, since a label passes its click on to its input. */
async function countClicks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const count = (): void => {
      const { dataset } = document.documentElement
      dataset.clicks = String(Number(dataset.clicks ?? 0) + 1)
    }
    document.addEventListener('mousedown', count, { capture: true })
  })
}
