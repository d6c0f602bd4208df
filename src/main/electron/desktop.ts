import { t } from '@lingui/core/macro'
import { link, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { implement } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { app, BrowserWindow, dialog, type MessagePortMain, nativeImage, shell, type WebContents } from 'electron'
import { AppError } from '../contract/errors.ts'
import { desktop } from '../contract/desktop.ts'
import { liveValue } from '../engine/lib/changes.ts'
import type { EngineProcess } from './engine-process.ts'
import type { AppMenu } from './menu.ts'
import { type OngoingWork, notifyWhenAway } from './ongoing-work.ts'
import type { PageRequests } from './page-requests.ts'

interface DesktopParts {
  engine: EngineProcess
  dataFolder: string
  work: OngoingWork
  menu: AppMenu
  requests: PageRequests
}

/** Answers the `desktop` contract: what only the shell can do for a page. */
export function answerDesktop({ engine, dataFolder, work, menu, requests }: DesktopParts): (port: MessagePortMain) => void {
  const os = implement(desktop)
  const handler = new RPCHandler(
    os.router({
      pickArtifact: os.pickArtifact.handler(pickArtifact),
      pickFiles: os.pickFiles.handler(({ input }) => pickFiles(input)),
      pickSavePath: os.pickSavePath.handler(({ input }) => pickSavePath(input.suggestedName)),
      saveText: os.saveText.handler(({ input }) => saveText(input)),
      showInFolder: os.showInFolder.handler(({ input }) => shell.showItemInFolder(libraryFile(input.path, dataFolder))),
      openFolder: os.openFolder.handler(({ input }) => openLogFolder(input.path, dataFolder)),
      openLogFolder: os.openLogFolder.handler(() => openLogs(dataFolder)),
      zoom: os.zoom.handler(({ input }) => zoom(parent().webContents, input.step)),
      openDataFolder: os.openDataFolder.handler(() => openFolder(dataFolder)),
      dragOut: os.dragOut.handler(({ input }) => dragOut(libraryFile(input.path, dataFolder), input.name)),
      showMenu: os.showMenu.handler(({ input }) => menu.show(input)),
      requests: os.requests.handler(({ signal }) => requests.follow(signal)),
      showWork: os.showWork.handler(({ input }) => work.show(input, parent())),
      notify: os.notify.handler(({ input }) => notifyWhenAway(input, parent(), requests)),
      setFullScreen: os.setFullScreen.handler(({ input }) => work.lock(input.isOn, parent())),
      assistiveTechnology: os.assistiveTechnology.handler(() => ({ isOn: app.accessibilitySupportEnabled })),
      followLinks: os.followLinks.handler(({ input }) => ({ isDone: followLinks(input.isOn) })),
      versions: os.versions.handler(() => ({ app: app.getVersion(), electron: process.versions.electron, node: process.versions.node })),
      engine: os.engine.handler(({ signal }) => liveValue(signal, [engine.changes], () => engine.state)),
      restartEngine: os.restartEngine.handler(() => engine.restart()),
    }),
  )
  return (port) => {
    handler.upgrade(port)
    port.start()
  }
}

async function pickArtifact(): Promise<{ path: string | null }> {
  const filters = [
    { name: t`Mender artifacts`, extensions: ['mender'] },
    { name: t`All files`, extensions: ['*'] },
  ]
  const picked = await dialog.showOpenDialog(parent(), { title: t`Add an artifact`, properties: ['openFile'], filters })
  return { path: picked.filePaths[0] ?? null }
}

async function pickFiles({
  title,
  isSeveral,
  isFolder,
}: {
  title: string
  isSeveral: boolean
  isFolder: boolean
}): Promise<{ paths: string[] }> {
  const kind = isFolder ? 'openDirectory' : 'openFile'
  const picked = await dialog.showOpenDialog(parent(), { title, properties: isSeveral ? [kind, 'multiSelections'] : [kind] })
  return { paths: picked.canceled ? [] : picked.filePaths }
}

async function pickSavePath(suggestedName: string): Promise<{ path: string | null }> {
  const picked = await dialog.showSaveDialog(parent(), { title: t`Save a copy`, defaultPath: suggestedName })
  return { path: picked.canceled ? null : picked.filePath }
}

async function saveText({ suggestedName, text }: { suggestedName: string; text: string }): Promise<{ path: string | null }> {
  const { path } = await pickSavePath(suggestedName)
  if (path !== null) await writeFile(path, text, { mode: 0o600 })
  return { path }
}

/** The path, if it is one of a file of the library: the page may name no other. */
function libraryFile(path: string, dataFolder: string): string {
  if (dirname(resolve(path)) !== join(dataFolder, 'artifacts') || !path.endsWith('.mender'))
    throw new AppError('PERMISSION', `${path} is no file of the library`, 'Add it to the library first.')
  return path
}

/** Opens a folder that lies with the logs of consoles: the page may name no other. */
async function openLogFolder(path: string, dataFolder: string): Promise<void> {
  if (dirname(resolve(path)) !== join(dataFolder, 'consoles'))
    throw new AppError('PERMISSION', `${path} is no folder of logs`, 'Open it in the file manager.')
  await openFolder(path)
}

/** There may be none yet. */
async function openLogs(dataFolder: string): Promise<void> {
  const folder = join(dataFolder, 'consoles')
  await mkdir(folder, { recursive: true })
  await openFolder(folder)
}

async function openFolder(path: string): Promise<void> {
  const problem = await shell.openPath(path)
  if (problem !== '') throw new AppError('NOT_FOUND', `${path} cannot be opened: ${problem}`, 'Open it in the file manager.')
}

/** Chromium's levels: each is a fifth more than the one before. */
const ZOOM = { lowest: -3, highest: 5 }

function zoom(contents: WebContents, step: number): { percent: number } {
  const level = step === 0 ? 0 : Math.min(ZOOM.highest, Math.max(ZOOM.lowest, contents.getZoomLevel() + step))
  contents.setZoomLevel(level)
  return { percent: Math.round(100 * 1.2 ** level) }
}

/** macOS and Windows ask the program itself. */
function followLinks(isOn: boolean): boolean {
  if (process.platform === 'linux') return false
  return isOn ? app.setAsDefaultProtocolClient('otabench') : app.removeAsDefaultProtocolClient('otabench')
}

/** The library calls its files by their ids: another program gets a second name of the file, which the engine clears away. */
async function dragOut(path: string, name: string): Promise<void> {
  const folder = await mkdtemp(join(dirname(path), 'tmp', 'drag-'))
  const file = join(folder, name.replaceAll(/[^\w.,+-]/g, '_'))
  await link(path, file)
  const icon = await app.getFileIcon(file).catch(() => nativeImage.createEmpty())
  parent().webContents.startDrag({ file, icon })
}

function parent(): BrowserWindow {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  if (window === undefined) throw new Error('No window is open')
  return window
}
