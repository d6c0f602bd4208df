// A browser for the journeys: a window of Electron without the app's shell, on the address that the environment names.
import { app, BrowserWindow } from 'electron'

async function open() {
  await app.whenReady()
  const window = new BrowserWindow({ width: 1280, height: 800, webPreferences: { sandbox: true, contextIsolation: true } })
  window.webContents.session.on('will-download', (_event, item) => item.setSavePath(process.env.OTABENCH_DOWNLOAD ?? ''))
  await window.loadURL(process.env.OTABENCH_URL ?? '')
}

// Electron is ready only when this module has been run to its end.
void open()
