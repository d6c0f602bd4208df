import { expect, type Locator, type Page } from '@playwright/test'

/** What the first screen starts the virtual bench with. */
export const startButton = (page: Page): Locator => page.getByRole('button', { name: /^Start virtual bench/ })

/** The card of a virtual device: `virt-01`, which is good, `virt-02`, which fails to boot, `virt-03`, which is slow, `virt-04`, which falls silent. */
export const virtualCard = (page: Page, name: `virt-0${1 | 2 | 3 | 4}`): Locator => page.locator('article', { hasText: name })

/**
 * Starts the virtual bench, by a click or by the key. All four devices are up to date when it answers: what they are called comes as late as
 * what they run, and with it their order.
 */
export async function startVirtualBench(page: Page, by: 'click' | 'key' = 'click'): Promise<void> {
  await (by === 'key' ? startButton(page).press('Enter') : startButton(page).click())
  await expect(page.getByRole('article', { name: /up to date/ })).toHaveCount(4)
}

/** Opens the dialog that deploys to a virtual device, and chooses the update that does not boot. */
export async function chooseBroken(card: Locator): Promise<void> {
  await card.getByRole('button', { name: 'Deploy…' }).click()
  const dialog = card.page().getByRole('dialog')
  // The devices stand in it as well, and one is called by what it fails at.
  await dialog.locator('label', { has: card.page().getByRole('radio', { name: /broken/ }) }).click()
}
