import { expect, type Page } from '@playwright/test'

/** Runs a command of the palette. */
export async function command(page: Page, words: string): Promise<void> {
  const palette = page.getByRole('dialog', { name: 'Search or run a command' })
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.keyboard.press('Control+k')
  await expect(palette.getByRole('combobox')).toBeFocused()
  await page.keyboard.type(words)
  await page.keyboard.press('Enter')
  await expect(palette).toHaveCount(0)
}
