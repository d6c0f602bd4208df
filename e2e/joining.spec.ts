import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { startDevices } from './files.ts'

test('a device that asks to join is accepted on its card, and says what it runs', async ({ bench }, testInfo) => {
  const { page, picture } = bench
  const address = page.getByRole('contentinfo').getByText(/^http:/)
  const device = startDevices(await address.innerText(), testInfo.outputPath('device'))
  try {
    const card = page.locator('article')
    await expect(card).toHaveAccessibleName(/asks to join/)
    await picture('asks-to-join')
    await page.getByRole('button', { name: /^Activity/ }).click()
    await page.getByRole('tab', { name: 'Refused devices' }).click()
    const refused = page.getByRole('list', { name: 'Refused devices' })
    await expect(refused).toContainText(/Accept/)
    await inBothThemes(bench, 'activity-refused')
    await refused.getByRole('button').first().click()
    await expect(page.getByRole('complementary')).toContainText(/waits to be accepted/)
    await card.getByRole('button', { name: 'Accept' }).click()
    await expect(card).toHaveAccessibleName(/up to date/)
    await expect(card).toContainText(/polls in/)
    await page
      .getByRole('complementary')
      .getByRole('button', { name: /^Poll now/ })
      .click()
    await picture('poll-now')

    await card.getByRole('button', { name: /^More for/ }).click()
    await page.getByRole('menuitem', { name: 'Rename…' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('bench-left')
    await page.keyboard.press('Enter')
    await expect(card).toHaveAccessibleName(/^bench-left/)

    await card.getByRole('button', { name: /^More for/ }).click()
    await page.getByRole('menuitem', { name: 'Decommission…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Decommission' }).click()
    await expect(card).toHaveAccessibleName(/asks to join/)
  } finally {
    device.kill()
  }
})
