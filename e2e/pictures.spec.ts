import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { makeCard } from '../src/main/cli/commands/image.cases.ts'
import { command } from './command.ts'
import { dragFiles, makeDrive, otabench } from './files.ts'
import { test } from './journey.ts'
import { looksAsBefore, steady } from './steady.ts'
import { startButton, startVirtualBench, virtualCard } from './virtual-bench.ts'

const go = async (page: Page, key: string, heading: string): Promise<void> => {
  await page.keyboard.press(key)
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
}

test.beforeEach(async ({ app }) => steady(app.page))

test('empty, each place and each part of the settings looks as before', async ({ app }) => {
  const { page } = app
  await expect(startButton(page)).toBeVisible()
  await looksAsBefore(page, 'first-screen')
  // Flash is never empty of what the machine has.
  for (const [key, place] of Object.entries({ 2: 'Artifacts', 4: 'Deployments', 5: 'Jobs' })) {
    await go(page, `Control+${key}`, place)
    await looksAsBefore(page, `empty-${place.toLowerCase()}`)
  }
  await go(page, 'Control+,', 'Settings')
  const tabs = page.getByRole('tablist', { name: 'Settings' }).getByRole('tab')
  await expect(tabs).not.toHaveCount(0)
  for (const [index, title] of (await tabs.allInnerTexts()).entries()) {
    await tabs.nth(index).click()
    await expect(tabs.nth(index)).toHaveAttribute('aria-selected', 'true')
    await looksAsBefore(page, `settings-${title.toLowerCase().replaceAll(/\W+/g, '-')}`)
  }
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible()
  await looksAsBefore(page, 'palette')
})

test('at work, each place looks as before', async ({ app }) => {
  const { page } = app
  await startVirtualBench(page)
  // From here on no card changes its word by itself: each is in the deploy dialog too.
  await expect(virtualCard(page, 'virt-04')).toHaveAccessibleName(/offline/)
  const card = virtualCard(page, 'virt-02')
  await card.getByRole('button', { name: 'Deploy…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Deploy' })
  await dialog.locator('label', { hasText: 'broken' }).click()
  await expect(dialog).toContainText('1 takes it')
  await looksAsBefore(page, 'deploy')
  await dialog.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(card).toHaveAccessibleName(/rolled back/)
  for (const view of ['cards', 'table', 'topology', 'plots']) {
    // What else hangs on the machine is another matter on each.
    await looksAsBefore(page, `bench-${view}`, view === 'topology' ? page.locator('[data-device]', { hasText: 'fails to boot' }) : page)
    await page.keyboard.press('Control+Shift+V')
  }
  await card.getByRole('button', { name: 'Why?' }).click()
  await expect(page.locator('[data-cause=true]')).toBeInViewport()
  await looksAsBefore(page, 'why')
  await page.getByRole('complementary').getByRole('tab', { name: 'Overview' }).click()
  await looksAsBefore(page, 'device')
  await page.keyboard.press('Escape')

  await go(page, 'Control+2', 'Artifacts')
  await page.locator('[data-artifact]', { hasText: 'broken' }).click()
  await looksAsBefore(page, 'artifacts')
  await go(page, 'Control+4', 'Deployments')
  await page.getByRole('button', { name: /^Timeline of/ }).click()
  await looksAsBefore(page, 'deployments')
  await go(page, 'Control+5', 'Jobs')
  await page.getByRole('listbox', { name: 'Jobs' }).getByRole('option').first().click()
  await looksAsBefore(page, 'jobs')
  await go(page, 'Control+6', 'Activity')
  await page.getByRole('listbox', { name: 'Audit log' }).getByRole('option').first().click()
  await looksAsBefore(page, 'activity')
})

test('with an image and two cards, Flash and the station look as before', async ({ app }) => {
  const { page, dataFolder } = app
  await go(page, 'Control+3', 'Flash')
  for (const name of ['one', 'two']) await makeDrive(page, name, { Size: /^1 GiB/ })
  await (await dragFiles(page, page.getByRole('region', { name: 'Image' }), [makeCard(dataFolder, 'dos')])).drop()
  await expect(page.getByText('boots rootfs A')).toBeVisible()
  for (const name of ['one', 'two']) await page.getByRole('checkbox', { name: `virtual ${name}` }).check()
  await looksAsBefore(page, 'flash')
  await page.getByRole('button', { name: /^Erase 2 virtual drives/ }).click()
  await expect(page.getByRole('dialog').getByRole('button', { name: /^Erase 2/ })).toBeEnabled()
  await looksAsBefore(page, 'flash-erase')
  await page.keyboard.press('Escape')
  await command(page, 'Station…')
  const station = page.getByRole('dialog', { name: 'Station' })
  await expect(station.getByRole('checkbox')).toHaveCount(2)
  // The one that was chosen, which lies elsewhere each time.
  await station.getByLabel('Image', { exact: true }).fill('/tmp/otabench-e2e/data/card.dos')
  await looksAsBefore(page, 'station')
})

test('two artifacts that are compared look as before', async ({ app }, testInfo) => {
  const { page } = app
  mkdirSync(testInfo.outputDir, { recursive: true })
  const script = testInfo.outputPath('run.sh')
  writeFileSync(script, '#!/bin/sh\n')
  const files = ['app-1', 'app-2'].map((name) => {
    const file = testInfo.outputPath(`${name}.mender`)
    const words = ['artifact', 'write', 'module-image', '-T', 'script', '-n', name, '-t', 'board', '-f', script]
    otabench([...words, ...(name === 'app-2' ? ['-t', 'board-b'] : []), '-o', file])
    return file
  })
  await go(page, 'Control+2', 'Artifacts')
  await (await dragFiles(page, page.getByRole('tabpanel'), files)).drop()
  await expect(page.getByRole('complementary', { name: 'app-2' })).toBeVisible()
  await page.locator('[data-artifact]').first().focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('c')
  await expect(page.getByRole('tabpanel')).toContainText('board, board-b')
  await looksAsBefore(page, 'compare')
})
