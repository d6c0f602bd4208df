import { expect, type Page } from '@playwright/test'
import { test } from './journey.ts'
import { chooseBroken, startButton, virtualCard } from './virtual-bench.ts'

/** Waits in the page until a board is shown at work: it is so for seconds, which may pass before a busy machine looks. */
function seenAtWork(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (document.querySelector('article [role=progressbar]') === null) return
          observer.disconnect()
          resolve()
        })
        observer.observe(document.body, { subtree: true, childList: true })
      }),
  )
}

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
  const isAtWork = seenAtWork(page)
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await isAtWork
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
