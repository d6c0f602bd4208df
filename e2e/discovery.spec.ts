import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { Cable } from '../src/main/engine/discovery/cable.cases.ts'
import { startApp } from './app.ts'
import { offences } from './axe.ts'

test('a board on the network is discovered once, leads to its console and to provisioning, and can be ignored', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-discovery-'))
  await using cable = await Cable.start()
  // The engine alone sits at the cable.
  const node = cable.benchNode(process.env.OTABENCH_NODE ?? process.execPath)
  const electron = await startApp(folder, { environment: { OTABENCH_NODE: node } })
  try {
    const page = await electron.firstWindow()
    await page.setViewportSize({ width: 1280, height: 800 })
    const section = page.getByRole('region', { name: 'Discovered' })
    const card = section.getByRole('listitem', { name: 'benchpi, discovered' })
    await expect(card).toBeVisible({ timeout: 30_000 })
    await expect(card).toContainText('10.77.0.2')
    await expect(section.getByText('benchpi', { exact: true })).toHaveCount(1)
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.screenshot({ path: join(import.meta.dirname, '..', 'test-results', 'pictures', `discovered-${scheme}.png`) })
      expect(await offences(page), scheme).toEqual([])
    }
    await card.getByRole('button', { name: 'Provision…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Provision a board' })
    await expect(dialog.getByRole('textbox', { name: 'Host', exact: true })).toHaveValue('10.77.0.2')
    await expect(dialog.getByRole('textbox', { name: 'TCP port' })).toHaveValue('2222')
    await page.keyboard.press('Escape')
    await card.getByRole('button', { name: 'Console' }).click()
    await expect(page.getByRole('form', { name: 'SSH' }).getByRole('textbox', { name: 'Host', exact: true })).toHaveValue('10.77.0.2')
    await page.keyboard.press('Control+`')
    await card.getByRole('button', { name: 'Ignore' }).click()
    await expect(card).toBeHidden()
    await expect(section).toContainText('No new board is noticed')
    await section.getByRole('button', { name: /other/ }).click()
    await card.getByRole('button', { name: 'Show again' }).click()
    await expect(card).toContainText('DISCOVERED')
    await page.getByRole('button', { name: /^Start virtual bench/ }).click()
    await expect(page.locator('article').first()).toBeVisible({ timeout: 60_000 })
    await expect(card).toContainText('DISCOVERED')
    await page.screenshot({ path: join(import.meta.dirname, '..', 'test-results', 'pictures', 'discovered-strip.png') })
    expect(await offences(page), 'beside devices').toEqual([])
  } finally {
    // The boards that run are not asked about.
    await electron.evaluate(({ dialog }) => void Object.assign(dialog, { showMessageBox: () => Promise.resolve({ response: 1 }) }))
    await electron.close()
    await rm(folder, { recursive: true, force: true })
  }
})
