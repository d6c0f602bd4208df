import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow, safeStorage } from 'electron'
import { z } from 'zod'
import { i18n, speak } from '@texts/i18n.ts'
import { bridgePages } from './electron/bridge.ts'
import { answerDesktop } from './electron/desktop.ts'
import { EngineProcess } from './electron/engine-process.ts'
import { mayHaveGraphicsCard } from './electron/graphics.ts'
import { openKeychain } from './electron/keychain.ts'
import { AppMenu } from './electron/menu.ts'
import { nodeCandidates, readOptions } from './electron/options.ts'
import { PAGE_URL, registerScheme, servePages } from './electron/pages.ts'
import { openedBy } from './electron/opened.ts'
import { OngoingWork } from './electron/ongoing-work.ts'
import { PageRequests } from './electron/page-requests.ts'
import { openWindow } from './electron/window.ts'

// Set by electron-vite while developing: the pages then come from its server.
const developmentUrl = process.env.ELECTRON_RENDERER_URL
const options = readOptions(process.argv, process.env)
const engine = new EngineProcess({
  nodes: nodeCandidates(process.env, app.getAppPath(), process.resourcesPath),
  file: join(import.meta.dirname, 'engine.js'),
  args: [JSON.stringify(options)],
})
const requests = new PageRequests()

async function open(): Promise<void> {
  engine.start()
  await app.whenReady()
  engine.introduce(await openKeychain(safeStorage, join(options.data, 'keys', 'wrapping-key.sealed'), process.platform))
  await speak([app.commandLine.getSwitchValue('lang'), ...app.getPreferredSystemLanguages()].filter((tag) => tag !== ''))
  const menu = new AppMenu(requests)
  menu.show([])
  const isOurs = servePages(join(import.meta.dirname, '..', 'renderer'), developmentUrl)
  const work = new OngoingWork({ engine, menu })
  const desktop = answerDesktop({ engine, dataFolder: options.data, work, menu, requests })
  bridgePages({ engine: (port) => engine.open(port), desktop }, isOurs)
  const window = openWindow(
    `${developmentUrl ?? PAGE_URL}?language=${i18n.locale}`,
    join(import.meta.dirname, '..', 'preload', 'index.cjs'),
  )
  work.guard(window)
}

/** What is handed to a process that opens things for another one. */
const handedOver = z.object({ argv: z.array(z.string()), cwd: z.string() })

/** A second start shows the first one's window, and what it was to open. */
function showFirst(data: unknown): void {
  const handed = handedOver.safeParse(data).data
  for (const each of handed === undefined ? [] : openedBy(handed.argv, handed.cwd)) requests.ask(each)
  const window = BrowserWindow.getAllWindows()[0]
  if (window?.isMinimized()) window.restore()
  window?.focus()
}

/** The engine ends in good order before the app does. */
function stopEngineFirst(event: Electron.Event): void {
  event.preventDefault()
  app.off('will-quit', stopEngineFirst)
  // A quit that is asked for while this one is still being held back is not heard: without an engine there is nothing to wait for.
  void engine.stop().finally(() => setImmediate(() => app.quit()))
}

registerScheme()
if (!mayHaveGraphicsCard(process.platform, existsSync)) app.disableHardwareAcceleration()
// Only root, for whom Chromium's sandbox does not start, comes with this switch; enabling it all the same would end the app.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
app.on('window-all-closed', () => app.quit())
app.on('second-instance', (_event, _argv, _cwd, data) => showFirst(data))
app.on('open-file', (_event, path) => requests.ask({ kind: 'files', paths: [path] }))
app.on('open-url', (_event, link) => requests.ask({ kind: 'link', link }))
for (const each of openedBy(process.argv, process.cwd())) requests.ask(each)
app.on('will-quit', stopEngineFirst)

// A user data folder of its own makes an instance of its own.
if (app.commandLine.hasSwitch('user-data-dir') || app.requestSingleInstanceLock({ argv: process.argv, cwd: process.cwd() })) {
  open().catch((error: unknown) => {
    process.stderr.write(`OTA Bench could not open: ${String(error)}\n`)
    app.exit(1)
  })
} else {
  app.quit()
}
