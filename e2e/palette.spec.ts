import { expect } from '@playwright/test'
import { inBothThemes } from './axe.ts'
import { command } from './command.ts'
import { test } from './journey.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

test('everything is found by its name, and every action says why it cannot run', async ({ bench }) => {
  const { page, clicks } = bench
  await startVirtualBench(page, 'key')

  const palette = page.getByRole('dialog', { name: 'Search or run a command' })
  const found = palette.getByRole('option')
  await page.keyboard.press('Control+k')
  await expect(palette.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('accept')
  await expect(found.filter({ hasText: /^Accept/ }).first()).toBeVisible()
  await expect(palette.getByRole('option', { name: /^Accept\b.*Choose a device that asks to join/ })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await inBothThemes(bench, 'palette')
  // What cannot run does not: the palette stays.
  await palette.getByRole('combobox').fill('compare')
  await page.keyboard.press('Enter')
  await expect(palette).toBeVisible()

  for (const [words, heading] of [
    ['go jobs', 'Jobs'],
    ['certificate', 'Settings'],
    ['start the virtual bench job', 'Jobs'],
  ] as const) {
    await palette.getByRole('combobox').fill(words)
    await page.keyboard.press('Enter')
    await expect(palette).toBeHidden()
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
    await page.keyboard.press('Control+k')
  }
  await palette.getByRole('combobox').fill('virt-02')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name: /virt-02/ })).toBeVisible()
  // A command acts on what is inspected.
  await page.keyboard.press('Control+k')
  await palette.getByRole('combobox').fill('deploy virt-02')
  await expect(found.first()).toContainText('Deploy: virt-02')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Deploy' }).getByRole('checkbox', { name: /virt-02/ })).toBeChecked()
  expect(await clicks()).toBe(0)
})

test('the sheet, the menu and the window have the keys that a person gave them', async ({ app }) => {
  const { page, electron } = app
  const accelerator = (id: string) =>
    electron.evaluate(({ Menu }, item) => Menu.getApplicationMenu()?.getMenuItemById(item)?.accelerator ?? null, id)
  await expect.poll(() => accelerator('go.jobs')).toBe('CmdOrCtrl+5')
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Shortcuts' })
  await expect(sheet.getByRole('row', { name: /Go to Jobs/ })).toContainText('Ctrl+5')
  await inBothThemes(app, 'shortcuts')
  await sheet.getByRole('button', { name: 'Change keys…' }).press('Enter')
  await page.getByRole('button', { name: 'Add a key to Go to Jobs' }).press('Enter')
  await page.keyboard.press('Control+k')
  const row = page.getByRole('row', { name: /^Go to Jobs/ })
  await expect(row).toContainText('also Search or run a command')
  await page.getByRole('button', { name: 'Remove Ctrl+K from Go to Jobs' }).press('Enter')
  await page.getByRole('button', { name: 'Add a key to Go to Jobs' }).press('Enter')
  await page.keyboard.press('j')
  await expect(page.getByRole('button', { name: 'Remove J from Go to Jobs' })).toBeVisible()
  await inBothThemes(app, 'settings-keys')
  await page.keyboard.press('j')
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()

  await page.keyboard.press('Control+,')
  await page.getByRole('switch', { name: /Letters and symbols/ }).press('Space')
  await page.keyboard.press('j')
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  await page.getByRole('button', { name: 'Reset the keys of Go to Jobs' }).press('Enter')
  await expect(page.getByRole('button', { name: 'Remove J from Go to Jobs' })).toBeHidden()
  await page.getByRole('button', { name: 'Remove Ctrl+5 from Go to Jobs' }).press('Enter')
  await expect.poll(() => accelerator('go.jobs')).toBeNull()
})

test('F6 goes through the parts of the window, and comes back to where one was', async ({ bench }) => {
  const { page } = bench
  await startVirtualBench(page, 'key')
  const card = virtualCard(page, 'virt-03')
  await card.focus()
  const region = () => page.evaluate(() => document.activeElement?.closest('[data-region]')?.getAttribute('data-region'))
  for (const next of ['status', 'places', 'header', 'content']) {
    await page.keyboard.press('F6')
    expect(await region()).toBe(next)
  }
  await expect(card).toBeFocused()
  await page.keyboard.press('Shift+F6')
  expect(await region()).toBe('header')
})

test('the glossary explains a word, by the palette, by ? and by a word of elsewhere', async ({ bench }) => {
  const { page } = bench
  const glossary = page.getByRole('dialog', { name: 'Glossary' })
  await command(page, 'glossary')
  await glossary.getByRole('textbox').fill('rollout')
  await expect(glossary.getByRole('term')).toHaveText(['deployment'])
  await glossary.getByRole('textbox').fill('')
  await inBothThemes(bench, 'glossary')
  await page.keyboard.press('Escape')
  await expect(glossary).toHaveCount(0)
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Shortcuts' }).getByRole('button', { name: 'Glossary' }).click()
  await expect(glossary.getByRole('definition').first()).toBeVisible()
})
