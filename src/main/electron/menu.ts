import { t } from '@lingui/core/macro'
import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { MenuSection } from '../contract/desktop.ts'
import type { PageRequests } from './page-requests.ts'

/** What the desktop itself brings to a section, behind what the page knows. */
const ROLES: Readonly<Partial<Record<MenuSection['section'], MenuItemConstructorOptions[]>>> = {
  File: [{ role: 'close' }, { role: 'quit' }],
  View: [{ role: 'togglefullscreen' }, { role: 'toggleDevTools' }],
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' }

/** The application's menu, its keys with it, unless it is held back. */
export class AppMenu {
  readonly #requests: PageRequests
  #menu: Menu
  #isHeldBack = false

  constructor(requests: PageRequests) {
    this.#requests = requests
    this.#menu = menuOf([], requests)
  }

  show(sections: readonly MenuSection[]): void {
    this.#menu = menuOf(sections, this.#requests)
    this.#apply()
  }

  holdBack(isHeldBack: boolean): void {
    this.#isHeldBack = isHeldBack
    this.#apply()
  }

  #apply(): void {
    // An empty one: macOS keeps the last where there is none.
    Menu.setApplicationMenu(this.#isHeldBack ? new Menu() : this.#menu)
  }
}

/** What the page says, with the keys that it has, and what a desktop expects. Before the page there is the latter alone. */
function menuOf(sections: readonly MenuSection[], requests: PageRequests): Menu {
  const chosen = (choice: string) => ({ id: choice, click: () => requests.ask({ kind: 'choice', choice }) })
  const menus = sections.map(({ section, title, items, submenu }): MenuItemConstructorOptions => {
    const roles = ROLES[section] ?? []
    const own = items.map(({ choice, label, accelerator }): MenuItemConstructorOptions => ({
      ...{ ...chosen(choice), label: label.replaceAll('&', '&&') },
      // The page hears the keys itself, and knows who types.
      ...(accelerator !== null && { accelerator, registerAccelerator: false }),
    }))
    const more: MenuItemConstructorOptions[] =
      submenu === null || submenu.items.length === 0
        ? []
        : [{ label: submenu.label, submenu: submenu.items.map(({ choice, label }) => ({ ...chosen(choice), label })) }]
    return { id: section, label: `&${title}`, submenu: [...own, ...more, ...(roles.length === 0 ? [] : [SEPARATOR, ...roles])] }
  })
  const [file, ...others] =
    menus.length > 0 ? menus : Object.entries(ROLES).map(([section, submenu]) => ({ id: section, label: `&${section}`, submenu }))
  const edit: MenuItemConstructorOptions = { role: 'editMenu', label: `&${t`Edit`}` }
  const window: MenuItemConstructorOptions = { role: 'windowMenu', label: `&${t`Window`}` }
  const help = others.findIndex(({ id }) => id === 'Help')
  const middle = help < 0 ? others : others.slice(0, help)
  return Menu.buildFromTemplate([...(file === undefined ? [] : [file]), edit, ...middle, window, ...(help < 0 ? [] : others.slice(help))])
}
