import { Menu } from 'electron'

/** The few entries that a desktop expects; places and actions are the page's own. */
export function setMenu(): void {
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      { label: '&File', submenu: [{ role: 'close' }, { role: 'quit' }] },
      { role: 'editMenu', label: '&Edit' },
      {
        label: '&View',
        submenu: [
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { role: 'resetZoom' },
          { type: 'separator' },
          { role: 'togglefullscreen' },
          { role: 'toggleDevTools' },
        ],
      },
      { role: 'windowMenu', label: '&Window' },
    ]),
  )
}
