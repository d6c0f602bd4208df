import { mkdir, writeFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'
import { type Bench, test, type Where } from './journey.ts'
import { offences } from './axe.ts'
import { command } from './command.ts'
import { killEngine } from './kill-engine.ts'

const SCHEMES = ['light', 'dark'] as const
type Scheme = (typeof SCHEMES)[number]

/** Looks at one state of the window after the other, and tells at the end what axe has found in which. */
class Walk {
  readonly #bench: Bench
  readonly #scheme: Scheme
  readonly #found: Record<string, string[]> = {}

  constructor(bench: Bench, scheme: Scheme) {
    this.#bench = bench
    this.#scheme = scheme
  }

  static async start(bench: Bench, scheme: Scheme): Promise<Walk> {
    await bench.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    return new Walk(bench, scheme)
  }

  async look(name: string): Promise<void> {
    const found = await offences(this.#bench.page)
    await this.#bench.picture(`every-${name}-${this.#scheme}`)
    if (found.length > 0) this.#found[name] = found
  }

  /** A dialog that is open: looks at it, and closes it again. */
  async lookInto(name: string): Promise<void> {
    const { page } = this.#bench
    await expect(page.getByRole('dialog').filter({ visible: true }).first()).toBeVisible()
    await this.look(name)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog').filter({ visible: true })).toHaveCount(0)
  }

  /** Each tab of the row with this name. */
  async lookThrough(label: string, name: string): Promise<void> {
    const tabs = this.#bench.page.getByRole('tablist', { name: label }).getByRole('tab')
    await expect(tabs).not.toHaveCount(0)
    for (const [index, title] of (await tabs.allInnerTexts()).entries()) {
      await tabs.nth(index).click()
      await expect(tabs.nth(index)).toHaveAttribute('aria-selected', 'true')
      await this.look(`${name}-${title.toLowerCase().replaceAll(/\W+/g, '-')}`)
    }
  }

  end(): void {
    expect(this.#found).toEqual({})
  }
}

const PLACES = ['Bench', 'Artifacts', 'Flash', 'Deployments', 'Jobs', 'Activity', 'Settings'] as const

async function go(page: Page, place: (typeof PLACES)[number]): Promise<void> {
  await page.keyboard.press(place === 'Settings' ? 'Control+,' : `Control+${PLACES.indexOf(place) + 1}`)
  await expect(page.getByRole('heading', { level: 1, name: place === 'Bench' ? /^(Bench|OTA Bench)$/ : place })).toBeVisible()
}

/** Dialogs that the palette opens, and where. */
const COMMANDS: readonly (readonly [words: string, name: string, where?: Where])[] = [
  ['add hardware', 'hardware'],
  ['add virtual board', 'virtual-board'],
  ['preauthorize devices', 'preauthorize'],
  ['provision a board', 'provision', 'app'],
  ['new artifact', 'new-artifact', 'app'],
  ['station…', 'station', 'app'],
  ['shortcuts', 'shortcuts'],
  ['glossary', 'glossary'],
]

/** Dialogs that a button of a place opens; of a place with tabs, in which of them; and where. */
const BUTTONS: readonly (readonly [place: (typeof PLACES)[number], tab: string | null, button: string, where?: Where])[] = [
  ['Artifacts', 'Keys', 'Generate…'],
  ['Artifacts', 'Keys', 'Import…'],
  ['Flash', null, 'Compose…', 'app'],
  ['Flash', null, 'Virtual drive…', 'app'],
  ['Settings', 'Access tokens', 'New token…'],
  ['Settings', 'Webhooks', 'Add webhook…'],
  ['Settings', 'Users', 'Add user…'],
]

for (const scheme of SCHEMES) {
  test(`axe finds nothing serious in any place while it is empty, nor in the dialogs, in the ${scheme} theme`, async ({ bench }) => {
    test.setTimeout(300_000)
    const { page, where } = bench
    const walk = await Walk.start(bench, scheme)
    const isHere = (only: Where = where): boolean => only === where
    for (const place of PLACES) {
      await go(page, place)
      await walk.look(`empty-${place.toLowerCase()}`)
    }
    await walk.lookThrough('Settings', 'settings')
    await go(page, 'Activity')
    await walk.lookThrough('What was done', 'activity')
    await go(page, 'Artifacts')
    await page.getByRole('tab', { name: 'Keys' }).click()
    await walk.look('empty-keys')
    for (const [place, tab, button] of BUTTONS.filter(([, , , only]) => isHere(only))) {
      await go(page, place)
      if (tab !== null) await page.getByRole('tab', { name: tab }).click()
      await page.getByRole('button', { name: button }).first().click()
      await walk.lookInto(`dialog-${button.toLowerCase().replaceAll(/\W+/g, '-')}`)
    }
    await go(page, 'Bench')
    for (const [words, name] of COMMANDS.filter(([, , only]) => isHere(only))) {
      await command(page, words)
      await walk.lookInto(`dialog-${name}`)
    }
    await page.keyboard.press('Control+k')
    await walk.lookInto('palette')
    await command(page, 'new console')
    await walk.look('new-console')
    walk.end()
  })

  test(`axe finds nothing serious in the views and the inspectors of a bench that is at work, in the ${scheme} theme`, async ({
    bench,
  }) => {
    test.setTimeout(300_000)
    const { page } = bench
    const walk = await Walk.start(bench, scheme)
    await page.getByRole('button', { name: /^Start virtual bench/ }).click()
    await expect(page.locator('article')).toHaveCount(4, { timeout: 60_000 })
    await expect(page.locator('article').nth(3)).toHaveAccessibleName(/up to date/, { timeout: 60_000 })
    for (const view of ['Cards', 'Table', 'Topology', 'Plots']) {
      await expect(page.getByRole('radiogroup', { name: 'View' }).getByRole('radio', { name: view })).toBeChecked()
      await walk.look(`bench-${view.toLowerCase()}`)
      await page.keyboard.press('Control+Shift+V')
    }
    await page.locator('article').first().focus()
    await page.keyboard.press('Enter')
    await walk.lookThrough('About the device', 'inspector')
    await page
      .getByRole('button', { name: /^More for/ })
      .first()
      .click()
    await walk.look('card-menu')
    await page.keyboard.press('Escape')
    await page.locator('article').first().focus()
    await page.keyboard.press('g')
    await walk.lookInto('group')
    await go(page, 'Artifacts')
    await page.locator('[data-artifact]').first().click()
    await walk.look('artifact')
    await go(page, 'Jobs')
    await page.getByRole('listbox', { name: 'Jobs' }).getByRole('option').first().click()
    await walk.look('job')
    walk.end()
  })

  test(`axe finds nothing serious in what is refused, nor where the engine is gone, in the ${scheme} theme`, async ({ app }, testInfo) => {
    const { page, electron } = app
    const walk = await Walk.start(app, scheme)
    const folder = testInfo.outputPath('files')
    await mkdir(folder, { recursive: true })
    await writeFile(`${folder}/broken.mender`, 'nothing')
    await electron.evaluate(
      ({ app: shell }, path) => shell.emit('open-file', { preventDefault: () => undefined }, path),
      `${folder}/broken.mender`,
    )
    await expect(page.getByRole('alert')).toContainText('artifact ends at byte 7')
    await walk.look('failure')
    killEngine(electron)
    await expect(page.getByRole('alert').filter({ hasText: 'ENGINE_STOPPED' })).toBeVisible()
    await walk.look('engine-stopped')
    walk.end()
  })
}
