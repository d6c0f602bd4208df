import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './app.ts'
import { offences } from './axe.ts'
import { choose } from './files.ts'

test('without any hardware: an update, the terminal of the virtual device that took it, and its files', async ({ app }) => {
  test.setTimeout(180_000)
  const { page, picture } = app
  const folder = await mkdtemp(join(tmpdir(), 'otabench-virtual-'))
  try {
    await page.getByRole('button', { name: /^Start virtual bench/ }).click()
    const card = page.locator('article', { hasText: 'virt-01' })
    await expect(card).toHaveAccessibleName(/up to date/, { timeout: 60_000 })
    await card.focus()
    await page.keyboard.press('d')
    await page.getByRole('dialog').locator('label', { hasText: 'An update that works' }).click()
    await page.getByRole('button', { name: 'Deploy', exact: true }).click()
    await expect(card).toHaveAccessibleName(/updated/, { timeout: 80_000 })

    await card.getByRole('button', { name: 'virt-01 good', exact: true }).click()
    const inspector = page.getByRole('complementary')
    await inspector.getByRole('tab', { name: 'Terminal' }).click()
    const screen = inspector.locator('.xterm-rows')
    await expect(screen).toContainText(/#/, { timeout: 30_000 })
    // the image that was just installed, read in the slot that runs
    await page.keyboard.type('cat /etc/os-release\n')
    await expect(screen).toContainText('VERSION_ID="virtual-os-v2"')
    await page.keyboard.type('ls -l /; mender show-artifact; fw_printenv\n')
    await expect(screen).toContainText('mender_boot_part=3')
    await picture('virtual-terminal-dark')
    expect(await offences(page)).toEqual([])

    const [here, back] = [join(folder, 'here.bin'), join(folder, 'back.bin')]
    await writeFile(here, 'x'.repeat(200_000))
    await choose(app, { open: here, save: back })
    await inspector.getByRole('tab', { name: 'Files' }).click()
    await inspector.getByLabel('Folder or file name on the device').fill('/data/')
    await inspector.getByRole('button', { name: 'Put…' }).click()
    await expect(inspector.getByText(/is on the device/)).toBeVisible({ timeout: 30_000 })
    await inspector.getByLabel('File on the device').fill('/data/here.bin')
    await inspector.getByRole('button', { name: 'Get…' }).click()
    await expect(inspector.getByText(/is here/)).toBeVisible({ timeout: 30_000 })
    expect(await readFile(back, 'utf8')).toBe('x'.repeat(200_000))
    await card.getByRole('button', { name: /^More for/ }).click()
    await page.getByRole('menuitem', { name: 'Poll now' }).click()
    await picture('virtual-files')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
