import { expect, type Locator, type Page } from '@playwright/test'
import { test } from './journey.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

/** What shows that it has the focus: its outline, or that of the words beside an input that is hidden. */
const ringOf = (focused: Locator) =>
  focused.evaluate((element) => {
    const isHidden = element.matches('[type=radio]') && element.clientWidth === 0
    const { outlineStyle, outlineWidth } = getComputedStyle((isHidden && element.nextElementSibling) || element)
    return `${outlineStyle} ${outlineWidth}`
  })

test('where the focus is can be seen, whatever has it', async ({ bench: { page } }) => {
  await startVirtualBench(page, 'key')
  await page.getByRole('searchbox', { name: 'Filter devices' }).focus()
  for (const next of [
    page.getByRole('button', { name: 'Add hardware' }),
    page.getByRole('button', { name: 'Virtual bench' }),
    page.getByRole('radio', { name: 'Cards' }),
  ]) {
    await page.keyboard.press('Tab')
    await expect(next).toBeFocused()
    expect(await ringOf(next)).toBe('solid 2px')
  }
  await page.keyboard.press('Control+6')
  const refused = page.getByRole('checkbox', { name: 'Refused only' })
  await page.getByRole('combobox', { name: 'Time' }).focus()
  await page.keyboard.press('Tab')
  await expect(refused).toBeFocused()
  expect(await ringOf(refused)).toBe('solid 2px')
})

test('the menu of a card stays open while the cards are arranged anew', async ({ bench: { page } }) => {
  await startVirtualBench(page)
  const [first, second, third] = [virtualCard(page, 'virt-01'), virtualCard(page, 'virt-02'), virtualCard(page, 'virt-03')]
  const isBeside = async (card: Locator): Promise<boolean> => (await card.boundingBox())?.y === (await first.boundingBox())?.y
  await expect.poll(() => isBeside(third)).toBe(true)
  const more = second.getByRole('button', { name: /^More for/ })
  await more.press('Enter')
  const item = page.getByRole('menuitem').first()
  await expect(item).toBeFocused()
  await page.setViewportSize({ width: 900, height: 800 })
  await expect.poll(() => isBeside(third)).toBe(false)
  expect(await isBeside(second)).toBe(true)
  await expect(item).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(more).toBeFocused()
})

test('the bench is worked by keyboard alone: move, inspect, deploy, close', async ({ bench }) => {
  const { page, clicks } = bench
  await startVirtualBench(page, 'key')
  const card = virtualCard(page, 'virt-02')

  await virtualCard(page, 'virt-01').focus()
  await page.keyboard.press('ArrowRight')
  await expect(card).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary')).toContainText('Bootloader environment')
  await page.keyboard.press('l')
  await expect(page.getByRole('list', { name: 'Timeline' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary')).toBeHidden()
  await expect(card).toBeFocused()

  // From within the inspector too.
  await page.keyboard.press('Enter')
  await page.getByRole('complementary').getByRole('tab', { selected: true }).focus()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary')).toBeHidden()
  await expect(card).toBeFocused()

  await page.keyboard.press('d')
  const dialog = page.getByRole('dialog', { name: 'Deploy' })
  await expect(dialog.getByRole('checkbox', { name: /virt-02/ })).toBeChecked()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(card).toBeFocused()

  await page.keyboard.press('/')
  await page.keyboard.type('slow')
  await expect(page.locator('article')).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(page.locator('article')).toHaveCount(4)

  // A menu has Escape for itself, and a field with text.
  const inspector = page.getByRole('complementary')
  await card.press('Enter')
  await expect(inspector).toBeVisible()
  await card.getByRole('button', { name: /^More for/ }).press('Enter')
  await expect(page.getByRole('menuitem').first()).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toHaveCount(0)
  await page.keyboard.press('/')
  await page.keyboard.type('slow')
  await page.keyboard.press('Escape')
  await expect(page.locator('article')).toHaveCount(4)
  await expect(inspector).toBeVisible()

  // Elsewhere the inspector is closed in the same way, and the bench keeps its own.
  await page.keyboard.press('Control+2')
  await closeBothWays(page, page.locator('[data-artifact]').first(), 'Enter')
  await page.keyboard.press('Control+5')
  await closeBothWays(page, page.getByRole('listbox', { name: 'Jobs' }), 'Home')
  await page.keyboard.press('Control+6')
  await closeBothWays(page, page.getByRole('listbox', { name: 'Audit log' }), 'Home')
  await page.keyboard.press('Control+1')
  await expect(inspector).toBeVisible()
  expect(await clicks()).toBe(0)
})

/** Opens the inspector by a key, and closes it by Escape from where it was opened and from within. */
async function closeBothWays(page: Page, from: Locator, key: string): Promise<void> {
  const inspector = page.getByRole('complementary')
  for (const isWithin of [false, true]) {
    await from.press(key)
    await expect(inspector).toBeVisible()
    if (isWithin) await inspector.getByRole('button', { name: 'Close the inspector' }).focus()
    await page.keyboard.press('Escape')
    await expect(inspector).toBeHidden()
    await expect(from).toBeFocused()
  }
}

/** Presses a key within the page, since nothing from outside is as quick; answers what has the focus as soon as it has been heard. */
function pressAtOnce(page: Page, press: { key: string; ctrlKey?: boolean }): Promise<string | null> {
  return page.evaluate(async (init) => {
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true }))
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    return document.activeElement?.getAttribute('aria-label') ?? null
  }, press)
}

/** Closes the next dialog in the moment in which it is there; answers what has the focus then. */
function closeAtOnce(page: Page): Promise<string | null> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const observer = new MutationObserver(async () => {
          if (document.querySelector('[aria-modal=true]') === null) return
          observer.disconnect()
          document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }))
          for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
          resolve(document.activeElement?.getAttribute('aria-label') ?? null)
        })
        observer.observe(document.body, { subtree: true, childList: true })
      }),
  )
}

test('the focus is where the next key belongs: in what opens, and where it was after what closes, at once', async ({ bench: { page } }) => {
  await startVirtualBench(page, 'key')
  const card = virtualCard(page, 'virt-02')
  await card.focus()
  const closed = closeAtOnce(page)
  await page.keyboard.press('d')
  expect(await closed).toMatch(/^virt-02/)
  await page.keyboard.press('d')
  await expect(
    page
      .getByRole('dialog')
      .getByRole('radio', { name: /^virtual-os/ })
      .first(),
  ).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(card).toBeFocused()

  expect(await pressAtOnce(page, { key: 'k', ctrlKey: true })).toBe('Search or run a command')
  expect(await pressAtOnce(page, { key: 'Escape' })).toMatch(/^virt-02/)

  // The line of the menu is gone by the time the dialog closes that it has opened.
  const more = card.getByRole('button', { name: /^More for/ })
  await more.press('Enter')
  await expect(page.getByRole('menuitem').first()).toBeFocused()
  await page.getByRole('menuitem', { name: 'Rename…' }).press('Enter')
  await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused()
  expect(await pressAtOnce(page, { key: 'Escape' })).toMatch(/^More for virt-02/)
  await expect(more).toBeFocused()
})
