import { type Page, expect } from '@playwright/test'
import { command } from './command.ts'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

/** Chooses how the bench is looked at. */
const look = (page: Page, name: string) => page.locator('label', { hasText: new RegExp(`^${name}$`) }).click()

/** With the keys: to the first step and on, each with its values in words. */
async function readByKeys(page: Page, label: string): Promise<string> {
  const cursor = page.getByRole('slider', { name: label, exact: true })
  await cursor.focus()
  await page.keyboard.press('Home')
  await expect(cursor).toHaveValue('0')
  // It may grow meanwhile.
  await expect(async () => {
    await page.keyboard.press('End')
    expect(await cursor.inputValue()).toBe(await cursor.getAttribute('max'))
  }).toPass()
  return (await cursor.getAttribute('aria-valuetext')) ?? ''
}

test('what devices do is drawn: rates, tries, versions and intervals, to be read by keys and as tables', async ({ bench }) => {
  const { page, picture } = bench
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await startVirtualBench(page)
  const card = virtualCard(page, 'virt-03')

  await command(page, 'Plots of the fleet')
  const versions = page.getByRole('region', { name: 'Versions over time' })
  await expect(versions.getByRole('listitem')).toContainText([/virtual-os-v1/])
  const intervals = page.getByRole('region', { name: 'Intervals between polls' })
  await expect(intervals).toContainText(/usually/)

  await look(page, 'Cards')
  await card.getByRole('button', { name: 'Deploy…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('label', { hasText: 'virtual-os-v2', hasNotText: 'broken' }).first().click()
  await dialog.getByText('All', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Advanced' }).click()
  await dialog.getByLabel('Retries per device').fill('1')
  await dialog.getByRole('button', { name: 'Deploy', exact: true }).click()
  // While it stands, the keys are the dialog's.
  await expect(dialog).toBeHidden()
  await page.keyboard.press('Control+4')
  const view = page.getByRole('region', { name: /^virtual-os-v2/ })
  const rates = view.getByRole('region', { name: 'Download rate' })
  await expect(rates).toContainText('on average')
  const tries = view.getByRole('region', { name: 'Success by try' })
  await expect(tries).toContainText(/[1-9] devices? succeeded/)
  expect(await readByKeys(page, 'Download rate of all devices')).toMatch(/^\d\d:\d\d:\d\d: .*B\/s$/)
  await page.keyboard.press('Tab')
  expect(await readByKeys(page, 'Devices by try')).toMatch(/^Try \d: .*(succeeded|failed|at work)/)
  await tries.getByText('Table').click()
  await expect(tries.getByRole('row').first()).toContainText('succeeded')
  await inBothThemes(bench, 'plots-deployment')

  await page.keyboard.press('Control+1')
  await look(page, 'Plots')
  await expect(versions.getByRole('listitem').filter({ hasText: 'virtual-os-v2' })).toBeVisible()
  expect(await readByKeys(page, 'Devices by what they run')).toContain('virtual-os-v2')
  await inBothThemes(bench, 'plots-fleet')
  // As at 200 % on a window of 1280.
  await page.setViewportSize({ width: 640, height: 400 })
  await picture('plots-fleet-200')
  const page200 = await versions.evaluate((element) => element.scrollWidth - element.clientWidth)
  expect(page200, 'nothing is cut off on the right').toBeLessThanOrEqual(1)
  await page.setViewportSize({ width: 1280, height: 800 })

  await look(page, 'Cards')
  await card
    .getByRole('button', { name: /slow network$/, exact: false })
    .first()
    .click()
  const inspector = page.getByRole('complementary', { name: /slow network/ })
  await inspector.getByRole('slider', { name: 'Intervals between the last polls' }).scrollIntoViewIfNeeded()
  expect(await readByKeys(page, 'Intervals between the last polls')).toMatch(/ at \d\d:\d\d:\d\d$/)
  await inBothThemes(bench, 'plots-polls')
})
