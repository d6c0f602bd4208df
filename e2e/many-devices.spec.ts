import { join } from 'node:path'
import { expect } from '@playwright/test'
import { seedDatabase } from '../scripts/bench/load/seed.ts'
import { inBothThemes, offences } from './axe.ts'
import { test as base } from './journey.ts'

const test = base.extend({ given: { prepare: (dataFolder: string) => seedDatabase(join(dataFolder, 'bench.db'), 1500) } })

test('a bench of more devices than a window holds says how many there are, and finds each of them', async ({ bench }) => {
  const { page, picture } = bench
  await expect(page.getByText('1,000 of 1,500 devices')).toBeVisible()
  await picture('many-devices')
  await expect(page.getByRole('contentinfo').getByText('1,500 devices')).toBeVisible()
  // The last of them, by an attribute that no card shows.
  await page.getByLabel('Filter devices').fill('SN-1499')
  await expect(page.getByText('1 of 1,500 devices')).toBeVisible()
  const mac = `02:00:${(1498).toString(16).padStart(8, '0')}`
  await expect(page.getByText(mac).first()).toBeVisible()
  await picture('many-devices-found')
  expect(await offences(page)).toEqual([])

  // What cards say is known of the first thousand; that it is, is said.
  await page.getByLabel('Filter devices').fill('')
  await page.getByRole('combobox', { name: /^Filter by state/ }).click()
  await expect(page.getByText('State, of the first 1,000')).toBeVisible()
  await inBothThemes(bench, 'many-devices-chips')
  await page.getByRole('option', { name: /^expected/ }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByText('1,000 of 1,500 devices')).toBeVisible()
  await expect(page.getByText('state asked of the first 1,000 only')).toBeVisible()
  await inBothThemes(bench, 'many-devices-state')
})
