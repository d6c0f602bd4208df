import { mkdir, writeFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'
import { type Bench, test, type Where } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { command } from './command.ts'
import { killEngine } from './kill-engine.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

const look = (bench: Bench, name: string): Promise<void> => inBothThemes(bench, `every-${name}`)

/** A dialog that is open: looks at it, and closes it again. */
async function lookInto(bench: Bench, name: string): Promise<void> {
  const dialogs = bench.page.getByRole('dialog').filter({ visible: true })
  await expect(dialogs.first()).toBeVisible()
  await look(bench, name)
  await bench.page.keyboard.press('Escape')
  await expect(dialogs).toHaveCount(0)
}

/** Each tab of the row with this name. */
async function lookThrough(bench: Bench, label: string, name: string): Promise<void> {
  const tabs = bench.page.getByRole('tablist', { name: label }).getByRole('tab')
  await expect(tabs).not.toHaveCount(0)
  for (const [index, title] of (await tabs.allInnerTexts()).entries()) {
    await tabs.nth(index).click()
    await expect(tabs.nth(index)).toHaveAttribute('aria-selected', 'true')
    await look(bench, `${name}-${title.toLowerCase().replaceAll(/\W+/g, '-')}`)
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

test('axe finds nothing in any place while it is empty, nor in the dialogs', async ({ bench }) => {
  test.setTimeout(600_000)
  const { page, where } = bench
  const isHere = (only: Where = where): boolean => only === where
  for (const place of PLACES) {
    await go(page, place)
    await look(bench, `empty-${place.toLowerCase()}`)
  }
  await lookThrough(bench, 'Settings', 'settings')
  await go(page, 'Activity')
  await lookThrough(bench, 'What was done', 'activity')
  await go(page, 'Artifacts')
  await page.getByRole('tab', { name: 'Keys' }).click()
  await look(bench, 'empty-keys')
  for (const [place, tab, button] of BUTTONS.filter(([, , , only]) => isHere(only))) {
    await go(page, place)
    if (tab !== null) await page.getByRole('tab', { name: tab }).click()
    await page.getByRole('button', { name: button }).first().click()
    await lookInto(bench, `dialog-${button.toLowerCase().replaceAll(/\W+/g, '-')}`)
  }
  await go(page, 'Bench')
  for (const [words, name] of COMMANDS.filter(([, , only]) => isHere(only))) {
    await command(page, words)
    await lookInto(bench, `dialog-${name}`)
  }
  await page.keyboard.press('Control+k')
  await lookInto(bench, 'palette')
  await command(page, 'new console')
  await look(bench, 'new-console')
})

test('axe finds nothing in the views and the inspectors of a bench that is at work', async ({ bench }) => {
  test.setTimeout(600_000)
  const { page } = bench
  await startVirtualBench(page)
  for (const view of ['Cards', 'Table', 'Topology', 'Plots']) {
    await expect(page.getByRole('radiogroup', { name: 'View' }).getByRole('radio', { name: view })).toBeChecked()
    await look(bench, `bench-${view.toLowerCase()}`)
    await page.keyboard.press('Control+Shift+V')
  }
  const broken = virtualCard(page, 'virt-02')
  await broken.focus()
  await page.keyboard.press('d')
  const deploy = page.getByRole('dialog', { name: 'Deploy' })
  await deploy.locator('label', { hasText: 'broken' }).click()
  await look(bench, 'deploy')
  await deploy.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(deploy).toBeHidden()

  const good = virtualCard(page, 'virt-01')
  await good.focus()
  await page.keyboard.press('Enter')
  await lookThrough(bench, 'About the device', 'inspector')
  await good.getByRole('button', { name: /^More for/ }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  await look(bench, 'card-menu')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toHaveCount(0)
  await good.focus()
  await page.keyboard.press('g')
  await lookInto(bench, 'group')
  await go(page, 'Artifacts')
  await page.locator('[data-artifact]').first().click()
  await look(bench, 'artifact')
  await go(page, 'Jobs')
  await page.getByRole('listbox', { name: 'Jobs' }).getByRole('option').first().click()
  await look(bench, 'job')

  await go(page, 'Bench')
  await expect(broken).toHaveAccessibleName(/rolled back/)
  await broken.getByRole('button', { name: 'Why?' }).click()
  await expect(page.getByRole('region', { name: 'Why' })).toBeVisible()
  await look(bench, 'why')
  await go(page, 'Deployments')
  await page.getByRole('button', { name: /^Timeline of/ }).click()
  await look(bench, 'deployment')
})

test('axe finds nothing in what is refused, nor where the engine is gone', async ({ app }, testInfo) => {
  const { page, electron } = app
  const folder = testInfo.outputPath('files')
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/broken.mender`, 'nothing')
  await electron.evaluate(
    ({ app: shell }, path) => shell.emit('open-file', { preventDefault: () => undefined }, path),
    `${folder}/broken.mender`,
  )
  await expect(page.getByRole('alert')).toContainText('artifact ends at byte 7')
  await look(app, 'failure')
  killEngine(electron)
  await expect(page.getByRole('alert').filter({ hasText: 'ENGINE_STOPPED' })).toBeVisible()
  await look(app, 'engine-stopped')
})
