import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { seedDatabase } from '../scripts/bench/load/seed.ts'
import { startApp } from './app.ts'
import { offences } from './axe.ts'

test('a bench of more devices than a window holds says how many there are, and finds each of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-e2e-'))
  await mkdir(join(folder, 'data'))
  seedDatabase(join(folder, 'data', 'bench.db'), 1500)
  const electron = await startApp(folder)
  const page = await electron.firstWindow()
  await page.setViewportSize({ width: 1280, height: 800 })
  await expect(page.getByText('1,000 of 1,500 devices')).toBeVisible()
  await page.screenshot({ path: 'test-results/pictures/many-devices.png' })
  await expect(page.getByRole('contentinfo').getByText('1,500 devices')).toBeVisible()
  // The last of them, by an attribute that no card shows.
  await page.getByLabel('Filter devices').fill('SN-1499')
  await expect(page.getByText('1 of 1,500 devices')).toBeVisible()
  const mac = `02:00:${(1498).toString(16).padStart(8, '0')}`
  await expect(page.getByText(mac).first()).toBeVisible()
  await page.screenshot({ path: 'test-results/pictures/many-devices-found.png' })
  expect(await offences(page)).toEqual([])
  await electron.close()
  await rm(folder, { recursive: true, force: true })
})
