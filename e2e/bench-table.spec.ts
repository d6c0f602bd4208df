import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import { seedDatabase } from '../scripts/bench/load/seed.ts'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

test('devices are marked by keyboard and acted on together, as cards and in a table', async ({ bench }) => {
  const { page, clicks } = bench
  await startVirtualBench(page, 'key')

  await virtualCard(page, 'virt-01').focus()
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Shift+ArrowDown')
  const marked = page.getByRole('group', { name: 'Marked devices' })
  await expect(marked).toContainText('marked')
  await inBothThemes(bench, 'bench-marked')
  await page.keyboard.press('Escape')
  await expect(marked).toBeHidden()

  await page.keyboard.press('Control+Shift+V')
  const rows = page.getByRole('grid', { name: 'Devices' }).locator('[data-device]')
  await expect(rows).toHaveCount(4)
  // What is set at the right edge stands below its head, and the rows end where the table does.
  const rightOf = (cell: Locator) => cell.evaluate((element) => element.getBoundingClientRect().right)
  const head = page.getByRole('button', { name: 'Next poll' })
  expect(Math.abs((await rightOf(head)) - (await rightOf(rows.first().locator('> :last-child'))))).toBeLessThanOrEqual(1)
  const table = page.getByRole('grid', { name: 'Devices' })
  expect(Math.abs((await rightOf(table)) - (await rightOf(rows.first())))).toBeLessThanOrEqual(1)
  await rows.first().focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await expect(marked).toContainText('2 marked')
  await expect(rows.nth(2)).toHaveAttribute('aria-selected', 'true')
  await inBothThemes(bench, 'bench-table-marked')

  await page.keyboard.press('g')
  const group = page.getByRole('dialog', { name: 'Group of 2 devices' })
  await group.getByRole('textbox').fill('lab')
  await page.keyboard.press('Enter')
  await expect(group).toBeHidden()
  await expect(rows.first()).toContainText('lab')
  await rows.first().focus()
  await page.keyboard.press('Control+a')
  await expect(marked).toContainText('4 marked')
  await page.keyboard.press('d')
  const deploy = page.getByRole('dialog', { name: 'Deploy' })
  await expect(deploy.getByRole('checkbox', { checked: true })).toHaveCount(4)
  await page.keyboard.press('Escape')
  await expect(deploy).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(marked).toBeHidden()

  await page.getByRole('combobox', { name: 'Groups' }).press('ArrowDown')
  await page.getByRole('option', { name: 'By group' }).click()
  await expect(page.getByRole('row', { name: /^lab/ })).toContainText('2 devices')
  await rows.first().focus()
  await page.keyboard.press('Enter')
  const splitter = page.getByRole('separator', { name: 'Width of the inspector' })
  await expect(splitter).toHaveAttribute('aria-valuenow', '480')
  await splitter.press('ArrowRight')
  await expect(splitter).toHaveAttribute('aria-valuenow', '448')
  await inBothThemes(bench, 'bench-table-grouped')
  expect(await clicks()).toBe(1)
})

/** What kept the page from answering for longer than 50 ms since it was asked last, in ms. */
const longTasks = (page: Page): Promise<number[]> =>
  page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          observer.disconnect()
          resolve(list.getEntries().map(({ duration }) => Math.round(duration)))
        })
        observer.observe({ type: 'longtask', buffered: true })
        setTimeout(() => resolve([]), 1000)
      }),
  )

const withThousand = test.extend({ given: { prepare: (dataFolder: string) => seedDatabase(join(dataFolder, 'bench.db'), 1000) } })

withThousand('of a thousand devices only those in sight are drawn, and all of them are reached', async ({ bench }, testInfo) => {
  const { page } = bench
  await expect(page.getByRole('contentinfo').getByText('1,000 devices')).toBeVisible()
  await expect(page.locator('article').first()).toBeVisible()
  await longTasks(page)
  expect(await page.locator('[data-device]').count()).toBeLessThan(40)
  const walk = async (): Promise<void> => {
    await page.locator('[data-device]').first().focus()
    await page.keyboard.press('End')
    await expect(page.locator('[data-device]:focus')).toHaveAccessibleName(/02:00:00000399/)
    for (let press = 0; press < 30; press += 1) await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Home')
    await expect(page.locator('[data-device]:focus')).toHaveAccessibleName(/02:00:00000000/)
    for (let turn = 0; turn < 40; turn += 1) await page.mouse.wheel(0, 600)
    expect(await page.locator('[data-device]').count()).toBeLessThan(80)
  }
  await page.mouse.move(600, 500)
  await walk()
  const cards = await longTasks(page)
  await page.keyboard.press('Control+Shift+V')
  await expect(page.getByRole('grid')).toBeVisible()
  await walk()
  const table = (await longTasks(page)).slice(cards.length)
  await page.getByRole('searchbox').fill('02:00:000003e7')
  await expect(page.locator('[data-device]')).toHaveCount(1)
  await bench.picture('thousand-table')
  testInfo.annotations.push({
    type: 'long tasks, ms',
    description: `cards ${cards.join(' ') || 'none'}; table ${table.join(' ') || 'none'}`,
  })
  process.stdout.write(`    long tasks over 50 ms: cards [${cards.join(', ')}], table [${table.join(', ')}]\n`)
})
