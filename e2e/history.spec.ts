import { expect } from '@playwright/test'
import { test } from './app.ts'
import { offences } from './axe.ts'

test('before a deployment it is said who will take it, and afterwards a device keeps what was deployed to it', async ({ app }) => {
  const { page, picture } = app
  await page.getByRole('button', { name: /^Start virtual bench/ }).click()
  const card = page.locator('article').first()
  await expect(card).toHaveAccessibleName(/up to date/, { timeout: 60_000 })
  await card.getByRole('button', { name: 'Deploy…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('label', { hasText: 'virtual-os-v2' }).first().click()
  const preview = dialog.getByRole('region', { name: 'Who will take it' })
  await expect(preview).toContainText('1 takes it')
  await dialog.getByText('All', { exact: true }).click()
  await expect(preview).toContainText('4 take it')
  await preview.getByRole('button').click()
  await expect(preview.getByRole('listitem')).toContainText(/virt-01 good.*virt-03 slow network, virt-04 silent/)
  await dialog.locator('label', { hasText: 'virtual-os-v1' }).first().click()
  await expect(preview).toContainText('4 have it already')
  await dialog.getByLabel(/^Force/).check()
  await expect(preview).toContainText('4 take it')
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await picture(`preview-${scheme}`)
    expect(await offences(page), `preview, ${scheme}`).toEqual([])
  }
  await dialog.getByText('Filter', { exact: true }).click()
  await dialog.getByRole('textbox', { name: 'Filter' }).fill('device_type=none')
  await expect(preview).toContainText('No device fits yet')
  await page.keyboard.press('Escape')

  await card.getByRole('button', { name: 'Deploy…' }).click()
  await dialog.locator('label', { hasText: 'virtual-os-v2-broken' }).click()
  await dialog.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(card).toHaveAccessibleName(/rolled back/, { timeout: 90_000 })
  await card.getByRole('button', { name: 'virt-01 good', exact: true }).click()
  const inspector = page.getByRole('complementary', { name: 'virt-01 good' })
  await inspector.getByRole('tab', { name: 'History' }).click()
  const entry = inspector.getByRole('list', { name: 'Deployments of this device' }).locator('> li')
  await expect(entry).toContainText(/FAILURE.*virtual-os-v2-broken to virt-01 good/)
  const settings = inspector.getByRole('tab', { name: 'Settings' })
  expect(await settings.evaluate((tab) => tab.getBoundingClientRect().right), 'all tabs are in sight').toBeLessThanOrEqual(1280)
  await entry.getByRole('button', { name: 'Device log' }).click()
  await expect(entry).toContainText('Slot B did not come up')
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await picture(`history-${scheme}`)
    expect(await offences(page), `history, ${scheme}`).toEqual([])
  }
  await entry.getByRole('button', { name: 'virtual-os-v2-broken to virt-01 good' }).click()
  await expect(page.getByRole('region', { name: 'virtual-os-v2-broken to virt-01 good' })).toBeVisible()
})
