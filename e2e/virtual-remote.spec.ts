import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes, offences } from './axe.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

test('without any hardware: an update, the terminal of the virtual device that took it, and its record', async ({ bench }) => {
  const { page, picture } = bench
  await startVirtualBench(page)
  const card = virtualCard(page, 'virt-01')
  await card.focus()
  await page.keyboard.press('d')
  await page.getByRole('dialog').locator('label', { hasText: 'An update that works' }).click()
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(card).toHaveAccessibleName(/updated/)

  await card.getByRole('button', { name: 'virt-01 good', exact: true }).click()
  const inspector = page.getByRole('complementary')
  await inspector.getByRole('tab', { name: 'Terminal' }).click()
  const screen = inspector.locator('.xterm-rows')
  await expect(screen).toContainText(/#/)
  // the image that was just installed, read in the slot that runs
  await page.keyboard.type('cat /etc/os-release\n')
  await expect(screen).toContainText('VERSION_ID="virtual-os-v2"')
  await page.keyboard.type('ls -l /; mender show-artifact; fw_printenv\n')
  await expect(screen).toContainText('mender_boot_part=3')
  await picture('virtual-terminal-dark')
  expect(await offences(page)).toEqual([])

  await page.getByRole('button', { name: /^Activity/ }).click()
  const log = page.getByRole('listbox', { name: 'Audit log' })
  await log.getByRole('option').filter({ hasText: 'Record a session' }).click()
  await inspector.getByRole('button', { name: 'Show the session' }).click()
  await inspector.getByRole('button', { name: 'Play' }).click()
  const player = page.getByRole('dialog')
  await expect(player.locator('.xterm-rows')).toContainText('mender_boot_part=3')
  await expect(player.getByRole('button', { name: 'Play again' })).toBeVisible()
  await inBothThemes(bench, 'session-player')
  await player.getByRole('slider', { name: 'Moment' }).focus()
  await page.keyboard.press('Home')
  await expect(player.locator('.xterm-rows')).not.toContainText('mender_boot_part')
  await page.keyboard.press('Escape')
  await picture('activity-sessions')
  expect(await offences(page)).toEqual([])
})

test('files go to and from the virtual device, and a recorded terminal into a file', async ({ bench }, testInfo) => {
  const { page, picture } = bench
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  await startVirtualBench(page)
  const card = virtualCard(page, 'virt-01')
  await card.getByRole('button', { name: 'virt-01 good', exact: true }).click()
  const inspector = page.getByRole('complementary')
  await inspector.getByRole('tab', { name: 'Terminal' }).click()
  await expect(inspector.locator('.xterm-rows')).toContainText(/#/)
  const [here, back] = [join(folder, 'here.bin'), join(folder, 'back.bin')]
  await writeFile(here, 'x'.repeat(200_000))
  await inspector.getByRole('tab', { name: 'Files' }).click()
  await inspector.getByLabel('Folder or file name on the device').fill('/data/')
  await bench.choose({ open: here }, () => inspector.getByRole('button', { name: 'Put…' }).click())
  await expect(inspector.getByText(/is on the device/)).toBeVisible()
  await inspector.getByLabel('File on the device').fill('/data/here.bin')
  await bench.choose({ save: back }, () => inspector.getByRole('button', { name: 'Get…' }).click())
  await expect(inspector.getByText(/is here/)).toBeVisible()
  expect(await readFile(back, 'utf8')).toBe('x'.repeat(200_000))
  await picture('virtual-files')

  await page.getByRole('button', { name: /^Activity/ }).click()
  const log = page.getByRole('listbox', { name: 'Audit log' })
  await log.getByRole('option').filter({ hasText: 'Record a session' }).click()
  await inspector.getByRole('button', { name: 'Show the session' }).click()
  const saved = join(folder, 'session.cast')
  await bench.save(saved, () => inspector.getByRole('button', { name: 'Save…' }).click())
  await expect.poll(() => readFile(saved, 'utf8').catch(() => '')).toMatch(/^\{"version":2,/)
})
