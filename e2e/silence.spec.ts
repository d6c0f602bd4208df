import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { startVirtualBench } from './virtual-bench.ts'

test('when a device counts as silent is said in the settings, and a device that does is shown with the reason', async ({ bench }) => {
  const { page } = bench
  await startVirtualBench(page)
  await page.keyboard.press('Control+,')
  const section = page.getByRole('region', { name: 'Silent devices' })
  await expect(section).toContainText('Silent after 3 missed polls')
  const field = section.getByLabel('Silent after')
  await field.fill('soon')
  await expect(section.getByRole('button', { name: 'Set' })).toBeDisabled()
  await expect(section).toContainText('Write missed polls (3), or a time')
  await field.fill('10s')
  await page.keyboard.press('Enter')
  await expect(section).toContainText('Silent after 10 s without a word')
  const device = section.getByRole('listitem').filter({ hasText: 'virt-04 silent' })
  await expect(device).toContainText('nothing heard for 10 s')
  await inBothThemes(bench, 'silence')
  await device.getByRole('button').click()
  await expect(page.getByRole('complementary').getByText(/Silent: not heard for .* \(nothing heard for 10 s\)/)).toBeVisible()
})
