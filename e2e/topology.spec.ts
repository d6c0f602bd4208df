import { join } from 'node:path'
import { expect } from '@playwright/test'
import { seedDatabase } from '../scripts/bench/load/seed.ts'
import { inBothThemes } from './axe.ts'
import { atCable } from './cable.ts'
import { makeDrive } from './files.ts'
import { test } from './journey.ts'
import { startVirtualBench } from './virtual-bench.ts'

test('the topology has each board once, with the keyboard and the inspector of the other views, and is live', async ({ bench }) => {
  const { page } = bench
  await startVirtualBench(page)
  // What has been discovered stands below the cards, and within the topology.
  const discovered = page.getByRole('region', { name: 'Discovered' })
  await expect(discovered).toBeVisible()
  await page.getByText('Topology', { exact: true }).click()
  const tree = page.getByRole('treegrid', { name: 'Devices' })
  const virtual = tree.getByRole('row', { expanded: true }).filter({ hasText: 'software on this machine' })
  await expect(virtual).toContainText('Virtual')
  await expect(tree.locator('[data-device]')).toHaveCount(4)
  await expect(discovered).toHaveCount(0)

  await tree.locator('[data-device]').first().focus()
  await page.keyboard.press('Shift+ArrowDown')
  await expect(page.getByRole('group', { name: 'Marked devices' })).toContainText('2 marked')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary')).toBeVisible()
  await inBothThemes(bench, 'topology')
  await page.keyboard.press('Escape')
  await tree.getByRole('button', { name: 'Fold Virtual' }).press('Enter')
  await expect(tree.locator('[data-device]')).toHaveCount(0)
  await expect(tree.getByRole('row', { expanded: false })).toContainText('4 devices')
})

test('a drive stands in the topology as long as it is there, and leads to where it is flashed', async ({ bench }) => {
  const { page } = bench
  await startVirtualBench(page)
  await page.getByText('Topology', { exact: true }).click()
  const tree = page.getByRole('treegrid', { name: 'Devices' })
  await page.keyboard.press('Control+3')
  await makeDrive(page, 'spare', {})
  await page.keyboard.press('Control+1')
  const drive = tree.locator('[data-place=drive]')
  await expect(drive).toContainText('virtual spare')
  expect((await drive.innerText()).match(/virtual/gi)).toHaveLength(1)
  await drive.getByRole('button', { name: 'Flash virtual spare' }).press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Flash' })).toBeVisible()
  await page.getByRole('button', { name: 'Remove virtual spare' }).click()
  await page.keyboard.press('Control+1')
  await expect(drive).toHaveCount(0)
})

const atCableWithThousand = atCable.extend({
  given: async ({ given }, use) => {
    await use({ ...given, prepare: (dataFolder) => seedDatabase(join(dataFolder, 'bench.db'), 1000) })
  },
})

atCableWithThousand(
  'a board on the network hangs on its network, and a thousand devices are drawn only where they are seen',
  async ({ app }) => {
    const { page } = app
    await expect(page.locator('article').first()).toBeVisible()
    await page.getByText('Topology', { exact: true }).click()
    const tree = page.getByRole('treegrid', { name: 'Devices' })
    const network = tree.locator('[data-place=network]', { hasText: '10.77.0.0/24' })
    await expect(network).toContainText('bench0')
    const board = tree.locator('[data-place=board]', { hasText: 'benchpi' })
    await expect(board).toContainText('no device yet')
    expect(await tree.locator('[data-device]').count()).toBeLessThan(60)
    await inBothThemes(app, 'topology-thousand')
    await board.getByRole('button', { name: 'Provision benchpi' }).press('Enter')
    await expect(page.getByRole('dialog', { name: 'Provision a board' }).getByRole('textbox', { name: 'Host', exact: true })).toHaveValue(
      '10.77.0.2',
    )
    await page.keyboard.press('Escape')
    await tree.locator('[data-device]').first().focus()
    await page.keyboard.press('End')
    await expect(tree.locator('[data-device]:focus')).toHaveAccessibleName(/02:00:00000399/)
    expect(await tree.locator('[data-device]').count()).toBeLessThan(60)
  },
)
