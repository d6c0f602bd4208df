import { expect } from '@playwright/test'
import { test } from './journey.ts'

test('the bench is worked by keyboard alone: move, inspect, deploy, close', async ({ bench }) => {
  const { page, clicks } = bench
  await page.getByRole('button', { name: /^Start virtual bench/ }).focus()
  await page.keyboard.press('Enter')
  const cards = page.locator('article')
  await expect(cards).toHaveCount(4, { timeout: 60_000 })
  await expect(cards.nth(1)).toHaveAccessibleName(/up to date/, { timeout: 60_000 })

  await cards.first().focus()
  await page.keyboard.press('ArrowRight')
  await expect(cards.nth(1)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary')).toContainText('Bootloader environment')
  await page.keyboard.press('l')
  await expect(page.getByRole('list', { name: 'Timeline' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary')).toBeHidden()

  await page.keyboard.press('d')
  const dialog = page.getByRole('dialog', { name: 'Deploy' })
  await expect(dialog.getByRole('checkbox', { name: /virt-02/ })).toBeChecked()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(cards.nth(1)).toBeFocused()

  await page.keyboard.press('/')
  await page.keyboard.type('slow')
  await expect(cards).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(cards).toHaveCount(4)
  expect(await clicks()).toBe(0)
})
