import { expect } from '@playwright/test'
import { inBothThemes } from './axe.ts'
import { startDevices } from './files.ts'
import { test } from './journey.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

test('a deployment goes about it by a plan, and says what each device waits for', async ({ bench }) => {
  const { page } = bench
  await startVirtualBench(page)
  const card = virtualCard(page, 'virt-01')
  await card.getByRole('button', { name: 'Deploy…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('label', { hasText: 'virtual-os-v2' }).first().click()
  await dialog.getByText('All', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Advanced' }).click()
  await dialog.getByLabel('Phases').fill('some')
  await expect(dialog.getByText(/1,10%@\+1h,rest/)).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Deploy', exact: true })).toBeDisabled()
  await dialog.getByLabel('Phases').fill('1@+2h, rest')
  await dialog.getByLabel('Retries per device').fill('2')
  await inBothThemes(bench, 'plan-dialog')
  await dialog.getByRole('button', { name: 'Deploy', exact: true }).click()
  // While it stands, the keys are the dialog's.
  await expect(dialog).toBeHidden()
  await page.keyboard.press('Control+4')
  const view = page.getByRole('region', { name: /virtual-os-v2/ })
  await expect(view).toContainText('retries 2')
  await expect(view).toContainText(/Phase 1 of 2 opens at/)
  await inBothThemes(bench, 'plan-view')
})

test('a filter is a target, with what is wrong with it said while it is typed', async ({ bench }) => {
  const { page, picture } = bench
  await startVirtualBench(page)
  const card = virtualCard(page, 'virt-01')
  await card.getByRole('button', { name: 'Deploy…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('label', { hasText: 'virtual-os-v2' }).first().click()
  await dialog.getByText('Filter', { exact: true }).click()
  const field = dialog.getByRole('textbox', { name: 'Filter' })
  await field.fill('device_type=')
  await expect(dialog.getByText(/not understood/)).toBeVisible()
  await field.fill('device_type=none')
  await expect(dialog.getByText('to devices with device_type=none')).toBeVisible()
  await picture('plan-filter')
  await dialog.getByRole('button', { name: 'Deploy', exact: true }).click()
  // While it stands, the keys are the dialog's.
  await expect(dialog).toBeHidden()
  await page.keyboard.press('Control+4')
  await expect(page.getByRole('region', { name: /virtual-os-v2/ })).toContainText('for device_type=none')
})

test('a board that knocks is told in a corner, and let in with one click or by a rule', async ({ bench }, testInfo) => {
  const { page, picture } = bench
  const address = page.getByRole('contentinfo').getByText(/^http:/)
  const device = startDevices(await address.innerText(), testInfo.outputPath('device'))
  try {
    const knock = page.getByRole('alert').filter({ hasText: 'asks to join' })
    await expect(knock).toBeVisible()
    // While the pointer is on it, it stays.
    await knock.hover()
    await inBothThemes(bench, 'knock')
    await knock.getByRole('button', { name: 'Accept' }).click()
    const card = page.locator('article')
    await expect(card).toHaveAccessibleName(/up to date/)
    await expect(knock).toBeHidden()
    await card.getByText('virtual-001', { exact: true }).click()
    await expect(page.getByText('Nothing was deployed to it yet.')).toBeVisible()
    await picture('why-nothing')

    await page.getByRole('contentinfo').getByRole('button', { name: 'new devices wait to be accepted' }).click()
    await page.getByRole('menuitem', { name: /network or identity/ }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('mac=02:*')
    await picture('accept-rule')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('contentinfo')).toContainText('devices with mac=02:* are accepted')
  } finally {
    device.kill()
  }
})

test('boards that knock together are told of in one word, which shows them on the bench', async ({ bench: { page } }, testInfo) => {
  const address = page.getByRole('contentinfo').getByText(/^http:/)
  const devices = startDevices(await address.innerText(), testInfo.outputPath('devices'), 5)
  try {
    const knock = page.getByRole('alert').filter({ hasText: '5 devices ask to join' })
    await expect(knock).toBeVisible()
    await expect(page.getByRole('alert')).toHaveCount(1)
    await knock.getByRole('button', { name: 'Show' }).click()
    await expect(knock).toBeHidden()
    await expect(page.getByText('state: asks to join')).toBeVisible()
    const asking = page.locator('article', { hasText: 'ASKS TO JOIN' })
    await expect(asking).toHaveCount(5)
    await asking.first().getByRole('button', { name: 'Accept' }).click()
    await expect(asking).toHaveCount(4)
  } finally {
    devices.kill()
  }
})
