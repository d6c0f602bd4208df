import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { offences } from './axe.ts'

const PLACES = ['Bench', 'Artifacts', 'Flash', 'Deployments']
for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious on the four places, in the ${scheme} theme`, async ({ app }) => {
    const { page, picture } = app
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await expect(page.getByRole('button', { name: /^Start virtual bench/ })).toBeVisible()
    expect(await offences(page)).toEqual([])
    await page.getByRole('button', { name: /^Use my hardware/ }).click()
    await expect(page.getByText('mender.conf')).toBeVisible()
    expect(await offences(page), 'Use my hardware').toEqual([])
    await picture(`hardware-${scheme}`)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Start virtual bench/ }).click()
    const card = page.locator('article', { hasText: 'fails to boot' })
    await expect(card).toHaveAccessibleName(/up to date/, { timeout: 60_000 })
    await card.focus()
    await page.keyboard.press('d')
    await page
      .getByRole('dialog')
      .locator('label', { hasText: /broken|fails/ })
      .first()
      .click()
    await expect(page.getByRole('dialog')).toBeVisible()
    expect(await offences(page)).toEqual([])
    await page.getByRole('button', { name: 'Deploy', exact: true }).click()
    await expect(card).toHaveAccessibleName(/rolled back/, { timeout: 80_000 })
    await card.getByRole('button', { name: 'Why?' }).click()
    await expect(page.getByRole('region', { name: 'Why' })).toBeVisible()
    for (const [index, place] of PLACES.entries()) {
      await page.keyboard.press(`Control+${index + 1}`)
      await expect(page.getByRole('heading', { level: 1, name: place })).toBeVisible()
      if (place === 'Artifacts') await page.locator('[data-artifact]').first().click()
      if (place === 'Deployments')
        await page
          .getByRole('button', { name: /^Timeline of/ })
          .first()
          .click()
      await picture(`${place.toLowerCase()}-${scheme}`)
      expect(await offences(page), place).toEqual([])
    }
  })
}
