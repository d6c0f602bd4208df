import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as plain } from '@playwright/test'
import { Cable } from '../src/main/engine/discovery/cable.cases.ts'
import { seedDatabase } from '../scripts/bench/load/seed.ts'
import { startApp, test } from './app.ts'
import { offences } from './axe.ts'
import { makeDrive } from './files.ts'

test('the topology has each board once, with the keyboard and the inspector of the other views, and is live', async ({ app }) => {
  const { page, picture } = app
  await page.getByRole('button', { name: /^Start virtual bench/ }).click()
  await expect(page.locator('article')).toHaveCount(4, { timeout: 60_000 })
  await page.getByText('Topology', { exact: true }).click()
  const tree = page.getByRole('treegrid', { name: 'Devices' })
  const virtual = tree.getByRole('row', { expanded: true }).filter({ hasText: 'software on this machine' })
  await expect(virtual).toContainText('virtual')
  await expect(tree.locator('[data-device]')).toHaveCount(4)
  await expect(page.getByRole('region', { name: 'Discovered' })).toHaveCount(0)

  await page.keyboard.press('Control+3')
  await makeDrive(page, 'spare', {})
  await page.keyboard.press('Control+1')
  const drive = tree.locator('[data-place=drive]')
  await expect(drive).toContainText('virtual spare')
  await drive.getByRole('button', { name: 'Flash virtual spare' }).press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Flash' })).toBeVisible()
  await page.getByRole('button', { name: 'Remove virtual spare' }).click()
  await page.keyboard.press('Control+1')
  await expect(drive).toHaveCount(0)

  await tree.locator('[data-device]').first().focus()
  await page.keyboard.press('Shift+ArrowDown')
  await expect(page.getByRole('group', { name: 'Marked devices' })).toContainText('2 marked')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary')).toBeVisible()
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await picture(`topology-${scheme}`)
    expect(await offences(page), scheme).toEqual([])
  }
  await page.keyboard.press('Escape')
  await tree.getByRole('button', { name: 'Fold Virtual' }).press('Enter')
  await expect(tree.locator('[data-device]')).toHaveCount(0)
  await expect(tree.getByRole('row', { expanded: false })).toContainText('4 devices')
})

plain('a board on the network hangs on its network, and a thousand devices are drawn only where they are seen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-topology-'))
  await mkdir(join(folder, 'data'))
  seedDatabase(join(folder, 'data', 'bench.db'), 1000)
  await using cable = await Cable.start()
  const electron = await startApp(folder, {
    environment: { OTABENCH_NODE: cable.benchNode(process.env.OTABENCH_NODE ?? process.execPath) },
  })
  try {
    const page = await electron.firstWindow()
    await page.setViewportSize({ width: 1280, height: 800 })
    await expect(page.locator('article').first()).toBeVisible({ timeout: 30_000 })
    await page.getByText('Topology', { exact: true }).click()
    const tree = page.getByRole('treegrid', { name: 'Devices' })
    const network = tree.locator('[data-place=network]', { hasText: '10.77.0.0/24' })
    await expect(network).toContainText('bench0')
    const board = tree.locator('[data-place=board]', { hasText: 'benchpi' })
    await expect(board).toContainText('no device yet', { timeout: 30_000 })
    expect(await tree.locator('[data-device]').count()).toBeLessThan(60)
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await page.screenshot({ path: join(import.meta.dirname, '..', 'test-results', 'pictures', `topology-thousand-${scheme}.png`) })
      expect(await offences(page), scheme).toEqual([])
    }
    await board.getByRole('button', { name: 'Provision benchpi' }).press('Enter')
    await expect(page.getByRole('dialog', { name: 'Provision a board' }).getByRole('textbox', { name: 'Host', exact: true })).toHaveValue(
      '10.77.0.2',
    )
    await page.keyboard.press('Escape')
    await tree.locator('[data-device]').first().focus()
    await page.keyboard.press('End')
    await expect(tree.locator('[data-device]:focus')).toHaveAccessibleName(/02:00:00000399/)
    expect(await tree.locator('[data-device]').count()).toBeLessThan(60)
  } finally {
    await electron.close()
    await rm(folder, { recursive: true, force: true })
  }
})
