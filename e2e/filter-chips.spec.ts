import { expect, type Page } from '@playwright/test'
import { type App, test } from './app.ts'
import { offences } from './axe.ts'

const field = (page: Page) => page.getByRole('combobox', { name: /^Filter by state/ })
const chips = (page: Page) => page.locator('[data-with-remove], .mantine-MultiSelect-pill')

async function groupTwo(app: App): Promise<void> {
  const { page } = app
  await page.getByRole('button', { name: /^Start virtual bench/ }).click()
  await expect(page.locator('article')).toHaveCount(4, { timeout: 60_000 })
  await expect(page.locator('article').nth(3)).toHaveAccessibleName(/up to date/, { timeout: 60_000 })
  await page.locator('article').first().focus()
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('g')
  await page.getByRole('dialog').getByRole('textbox').fill('lab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
}

test('chips of state and group narrow the bench by keyboard, stay over a reload, and travel in a link', async ({ app }) => {
  const { page, electron, picture } = app
  await groupTwo(app)
  await field(page).focus()
  const online = page.getByRole('option', { name: /^online/ })
  await expect(online).toContainText('4')
  await expect(page.getByRole('option', { name: /^lab/ })).toContainText('2')
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await picture(`chips-open-${scheme}`)
    expect(await offences(page), scheme).toEqual([])
  }
  await page.keyboard.type('lab')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.locator('article')).toHaveCount(2)
  await page.keyboard.type('online')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await expect(chips(page)).toHaveText(['group: lab', 'state: online'])
  await expect(page.getByText('2 of 4 devices')).toBeVisible()
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await picture(`chips-${scheme}`)
    expect(await offences(page), scheme).toEqual([])
  }

  await page.keyboard.press('Control+k')
  await page.keyboard.type('copy the link')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Link copied')).toBeVisible()
  const link = await electron.evaluate(({ clipboard }) => clipboard.readText())
  expect(link).toBe('otabench://place/bench?group=lab&state=online')

  await page.reload()
  await expect(chips(page)).toHaveText(['group: lab', 'state: online'])
  await expect(page.locator('article')).toHaveCount(2)

  // A filter that nobody fits says so, and leads back.
  await electron.evaluate(({ app: shell }) =>
    shell.emit('open-url', { preventDefault: () => undefined }, 'otabench://place/bench?state=mismatch&text=pi'),
  )
  await expect(page.getByText('No device fits the filter')).toBeVisible()
  await expect(page.getByText('text: pi · state: mismatch')).toBeVisible()
  await picture('chips-nothing')
  expect(await offences(page)).toEqual([])
  await page.getByRole('button', { name: 'Show all' }).press('Enter')
  await expect(page.locator('article')).toHaveCount(4)
  await electron.evaluate(({ app: shell }, url) => shell.emit('open-url', { preventDefault: () => undefined }, url), link)
  await expect(page.locator('article')).toHaveCount(2)
  await field(page).focus()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Backspace')
  await expect(chips(page)).toHaveCount(0)
  await expect(page.locator('article')).toHaveCount(4)
})
