import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { chooseBroken, startButton, virtualCard } from './virtual-bench.ts'

test('from the first screen to an explained rollback in at most five clicks', async ({ bench }) => {
  const { page, picture, clicks } = bench
  await expect(startButton(page)).toBeVisible()
  await picture('1-first-screen')
  await startButton(page).click()

  const card = virtualCard(page, 'virt-02')
  await expect(card).toHaveAccessibleName(/up to date/)
  await picture('2-bench')
  await chooseBroken(card)
  await picture('3-deploy')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()

  await expect(card.getByRole('progressbar')).toBeVisible()
  await picture('4-at-work')
  await expect(card).toHaveAccessibleName(/rolled back/)
  await picture('5-rolled-back')
  // The console's newest line stands on the card to its end, also on a narrow one.
  const newest = card.getByLabel('Console').getByText(/went back to slot A$/)
  const cutPixels = () => newest.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)
  await expect.poll(cutPixels).toBe(0)
  await card.getByRole('button', { name: 'Why?' }).click()

  const why = page.getByRole('region', { name: 'Why' })
  await expect(why).toContainText(/boot/i)
  await expect(page.locator('[data-cause=true]')).toBeInViewport()
  await picture('6-why')
  await expect.poll(cutPixels).toBe(0)
  expect(await clicks()).toBeLessThanOrEqual(5)
})
