import { expect } from '@playwright/test'
import { test } from './journey.ts'

test('in a small window at 200 % everything of the header can be reached', async ({ app }) => {
  const { page, electron, picture } = app
  await page.getByRole('button', { name: /^Start virtual bench/ }).click()
  await expect(page.locator('article')).toHaveCount(4, { timeout: 60_000 })
  await page.setViewportSize({ width: 900, height: 600 })
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(2))
  await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(450)
  const sizes = await page.evaluate(() => ({ width: document.documentElement.scrollWidth, window: window.innerWidth }))
  expect(sizes.width).toBeLessThanOrEqual(sizes.window)
  await expect(page.getByRole('button', { name: 'Add hardware' })).toBeInViewport({ ratio: 1 })
  await picture('small-window')
  const settings = page.getByRole('button', { name: 'Settings', exact: true })
  await settings.focus()
  await expect(settings).toBeInViewport({ ratio: 0.9 })
  await page.keyboard.press('Enter')
  await picture('small-settings')
  await page.getByRole('button', { name: /^Activity/ }).click()
  await page.getByRole('listbox', { name: 'Audit log' }).focus()
  await page.keyboard.press('End')
  await expect(page.getByRole('complementary')).toBeVisible()
  await picture('small-activity')
  const wide = await page.evaluate(() => ({ width: document.documentElement.scrollWidth, window: window.innerWidth }))
  expect(wide.width).toBeLessThanOrEqual(wide.window)
})
