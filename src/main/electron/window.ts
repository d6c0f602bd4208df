import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow, nativeTheme, type Rectangle, screen } from 'electron'
import { z } from 'zod'

const kept = z.object({
  bounds: z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int(), height: z.number().int() }),
  isMaximized: z.boolean(),
  zoomLevel: z.number().min(-8).max(9).default(0),
})

/** Opens the window where it was left, moved back onto a screen that exists. */
export function openWindow(url: string, preload: string): BrowserWindow {
  const file = join(app.getPath('userData'), 'window.json')
  const last = readKept(file)
  const window = new BrowserWindow({
    ...(last === null ? { width: 1280, height: 800 } : clamp(last.bounds, screen.getDisplayMatching(last.bounds).workArea)),
    minWidth: 880,
    minHeight: 560,
    show: false,
    autoHideMenuBar: true,
    title: 'OTA Bench',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#101315' : '#f2f3f1',
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, spellcheck: false },
  })
  window.once('ready-to-show', () => {
    if (last?.isMaximized) window.maximize()
    window.show()
  })
  const { webContents } = window
  webContents.once('did-finish-load', () => webContents.setZoomLevel(last?.zoomLevel ?? 0))
  window.on('close', () => {
    const now: z.infer<typeof kept> = {
      ...{ bounds: window.getNormalBounds(), isMaximized: window.isMaximized(), zoomLevel: webContents.getZoomLevel() },
    }
    writeFileSync(file, JSON.stringify(now))
  })
  void window.loadURL(url)
  return window
}

/** Bounds of a file that may be absent or spoilt: then there are none. */
function readKept(file: string): z.infer<typeof kept> | null {
  try {
    return kept.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

function clamp(bounds: Rectangle, area: Rectangle): Rectangle {
  const width = Math.min(bounds.width, area.width)
  const height = Math.min(bounds.height, area.height)
  const x = Math.min(Math.max(bounds.x, area.x), area.x + area.width - width)
  const y = Math.min(Math.max(bounds.y, area.y), area.y + area.height - height)
  return { x, y, width, height }
}
