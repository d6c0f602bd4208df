import { expect, type Page } from '@playwright/test'
import { command } from './command.ts'
import { type Bench, test } from './journey.ts'
import { inBothThemes, offences } from './axe.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

const field = (page: Page) => page.getByRole('combobox', { name: /^Filter by state/ })
const chips = (page: Page) => page.locator('[data-with-remove], .mantine-MultiSelect-pill')

async function groupTwo(bench: Bench): Promise<void> {
  const { page } = bench
  await startVirtualBench(page)
  await virtualCard(page, 'virt-01').focus()
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('g')
  const dialog = page.getByRole('dialog', { name: 'Group of 2 devices' })
  await dialog.getByRole('textbox').fill('lab')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('group', { name: 'Marked devices' })).toBeHidden()
}

test('chips of state and group narrow the bench by keyboard, stay over a reload, and travel in a link', async ({ bench }) => {
  const { page, picture, clipboard, follow } = bench
  await groupTwo(bench)
  await field(page).focus()
  const online = page.getByRole('option', { name: /^online/ })
  await expect(online).toContainText('4')
  await expect(page.getByRole('option', { name: /^lab/ })).toContainText('2')
  await inBothThemes(bench, 'chips-open')
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
  await inBothThemes(bench, 'chips')

  await command(page, 'copy the link')
  await expect(page.getByText('Link copied')).toBeVisible()
  const link = await clipboard()
  expect(link).toBe('otabench://place/bench?group=lab&state=online')

  await page.reload()
  await expect(chips(page)).toHaveText(['group: lab', 'state: online'])
  await expect(page.locator('article')).toHaveCount(2)

  // A filter that nobody fits says so, and leads back.
  await follow('state=mismatch&text=pi')
  await expect(page.getByText('No device fits the filter')).toBeVisible()
  await expect(page.getByText('text: pi · state: mismatch')).toBeVisible()
  await picture('chips-nothing')
  expect(await offences(page)).toEqual([])
  await page.getByRole('button', { name: 'Show all' }).press('Enter')
  await expect(page.locator('article')).toHaveCount(4)
  await follow(link.slice(link.indexOf('?') + 1))
  await expect(page.locator('article')).toHaveCount(2)
  await field(page).focus()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Backspace')
  await expect(chips(page)).toHaveCount(0)
  await expect(page.locator('article')).toHaveCount(4)
})
