import { EventEmitter, on } from 'node:events'
import { Menu, type MenuItemConstructorOptions } from 'electron'
import { type Place, place } from '../contract/desktop.ts'

/** In the order in which they stand at the left of the window. */
const PLACES: readonly (readonly [Place, label: string, accelerator: string])[] = [
  ['bench', '&Bench', 'CmdOrCtrl+1'],
  ['artifacts', '&Artifacts', 'CmdOrCtrl+2'],
  ['flash', '&Flash', 'CmdOrCtrl+3'],
  ['deployments', '&Deployments', 'CmdOrCtrl+4'],
  ['activity', 'A&ctivity', 'CmdOrCtrl+5'],
  ['settings', '&Settings', 'CmdOrCtrl+,'],
]

const CHOICE = 'choice'

/** What is chosen in the menu, for the page to carry out. */
export class MenuChoices {
  readonly #emitter = new EventEmitter<{ [CHOICE]: [Place] }>()

  choose(choice: Place): void {
    this.#emitter.emit(CHOICE, choice)
  }

  async *follow(signal: AbortSignal | undefined): AsyncGenerator<Place, void, void> {
    try {
      for await (const [choice] of on(this.#emitter, CHOICE, { signal })) yield place.parse(choice)
    } catch (thrown) {
      if (!signal?.aborted) throw thrown
    }
  }
}

/** The few entries that a desktop expects, and the places, which the page goes to. It has the keys of both. */
export function setMenu(choices: MenuChoices): void {
  const go = (choice: Place, label: string, accelerator: string): MenuItemConstructorOptions => ({
    ...{ label, accelerator, registerAccelerator: false, click: () => choices.choose(choice) },
  })
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      {
        label: '&File',
        submenu: [go('flash', '&Flash an image…', 'CmdOrCtrl+Shift+F'), { type: 'separator' }, { role: 'close' }, { role: 'quit' }],
      },
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
      { label: '&Go', submenu: PLACES.map(([choice, label, accelerator]) => go(choice, label, accelerator)) },
      { role: 'windowMenu', label: '&Window' },
    ]),
  )
}
