import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Page, expect } from '@playwright/test'
import { makeCard } from '../src/main/cli/commands/image.cases.ts'
import { createVirtualDrives } from '../src/main/engine/drives/virtual-drives.ts'
import { nodeHost } from '../src/main/engine/host.node.ts'
import { CARD_BYTES, makeRecipe, makeSmallCard } from '../src/main/engine/provision/station/station.cases.ts'
import { root } from './app.ts'
import { command } from './command.ts'
import { test } from './journey.ts'
import { dragFiles } from './files.ts'
import { chooseBroken, startButton, startVirtualBench, virtualCard } from './virtual-bench.ts'

/** The pictures that the guide shows; `npm run guide` has them taken where they are shown. */
const folder = process.env['OTABENCH_GUIDE'] ?? join(root, 'test-results', 'guide')
const taken = new Set<string>()

async function show(page: Page, name: string): Promise<void> {
  taken.add(`${name}.png`)
  // A toast says what was done a moment ago, and is no part of the place.
  await page.screenshot({ path: join(folder, `${name}.png`), style: '.mantine-Notifications-root { visibility: hidden }' })
}

test.beforeEach(async ({ app }) => {
  await app.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
})

test('the first hour', async ({ app: { page } }) => {
  await expect(startButton(page)).toBeVisible()
  await show(page, 'first-screen')

  await startVirtualBench(page)
  const card = virtualCard(page, 'virt-02')
  await show(page, 'bench')

  await chooseBroken(card)
  const deploy = page.getByRole('button', { name: 'Deploy', exact: true })
  await expect(deploy).toBeEnabled()
  await page.getByText('1 takes it').click()
  await show(page, 'deploy')

  await deploy.click()
  await expect(card).toHaveAccessibleName(/rolled back/)
  await show(page, 'rolled-back')

  await card.getByRole('button', { name: 'Why?' }).click()
  await expect(page.locator('[data-cause=true]')).toBeInViewport()
  await show(page, 'why')

  await page
    .getByRole('contentinfo')
    .getByRole('button', { name: /^Server running/ })
    .click()
  await expect(page.getByRole('dialog', { name: 'Server' }).getByRole('img', { name: /^QR code of https:/ })).toBeVisible()
  await show(page, 'server')
})

test('A/B updates on a Raspberry Pi class board', async ({ app: { page, dataFolder } }) => {
  const made = mkdtempSync(join(tmpdir(), 'otabench-guide-'))
  const image = join(made, 'my-pi.img')
  renameSync(makeCard(made, 'dos'), image)
  await page.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'Flash' }).click()
  const readers = createVirtualDrives({ files: nodeHost().files, folder: join(dataFolder, 'virtual-drives') })
  const faults = { failsAtByte: null, pulledAtByte: null, realBytes: null }
  // Both are writing still when a busy machine looks, each at its own speed.
  for (const [name, speed] of Object.entries({ 'reader-1': 3 << 20, 'reader-2': 2 << 20 }))
    await readers.create({ name, sizeBytes: 1 << 30, faults: { ...faults, writeBytesPerSecond: speed } })
  await (await dragFiles(page, page.getByRole('region', { name: 'Image' }), [image])).drop()
  await expect(page.getByText('boots rootfs A')).toBeVisible()
  await page.getByRole('checkbox', { name: 'virtual reader-1' }).check()
  await page.getByRole('checkbox', { name: 'virtual reader-2' }).check()
  await show(page, 'flash-ready')

  await page.getByRole('button', { name: /^Erase 2 virtual drives/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Erase 2 virtual drives/ })
    .click()
  const lanes = page.getByRole('article', { name: /^virtual reader-\d, (?!1\.07)/ })
  await expect(lanes.filter({ hasText: /WRITING/i })).toHaveCount(2)
  await expect(lanes.filter({ hasText: /left/ })).toHaveCount(2)
  await show(page, 'flash-lanes')
  await expect(lanes.filter({ hasText: 'written and verified' })).toHaveCount(2)
  rmSync(made, { recursive: true })
})

test('a station that makes cards all day', async ({ app: { page, dataFolder } }) => {
  const made = mkdtempSync(join(tmpdir(), 'otabench-guide-'))
  const image = join(made, 'my-pi.img')
  renameSync(makeSmallCard(made), image)
  const recipe = makeRecipe(made)
  const readers = createVirtualDrives({ files: nodeHost().files, folder: join(dataFolder, 'virtual-drives') })
  for (const name of ['left', 'right']) await readers.create({ name, sizeBytes: CARD_BYTES })

  await command(page, 'Station…')
  const station = page.getByRole('dialog', { name: 'Station' })
  await station.getByRole('textbox', { name: 'Recipe' }).fill(recipe)
  await station.getByRole('textbox', { name: 'Image' }).fill(image)
  for (const name of ['left', 'right']) await station.getByRole('checkbox', { name: new RegExp(`virtual ${name}`) }).check()
  await station.getByRole('textbox', { name: 'Operator' }).fill('Ada')
  await station.getByRole('button', { name: 'New…' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('WO-17')
  await page.getByLabel('Units of a series').fill('2')
  await page.getByRole('button', { name: 'Make it' }).click()
  await expect(station.getByLabel('Work order')).toHaveValue('WO-17')
  await show(page, 'station-setup')

  await page.getByRole('button', { name: 'Arm 2 slots' }).click()
  for (const name of ['left', 'right']) await readers.remove(name)
  await expect(page.getByRole('article', { name: /INSERT CARD/ })).toHaveCount(2)
  const faults = { writeBytesPerSecond: 1 << 20, failsAtByte: null, pulledAtByte: null, realBytes: null }
  await readers.create({ name: 'left', sizeBytes: CARD_BYTES, faults })
  await readers.create({ name: 'right', sizeBytes: CARD_BYTES, faults: { ...faults, writeBytesPerSecond: null, failsAtByte: 6 << 20 } })
  await expect(page.getByRole('article', { name: /Reader 2, FAILED/ })).toBeVisible()
  await expect(page.getByRole('article', { name: /Reader 1, (WRITING|VERIFYING)/ })).toBeVisible()
  await show(page, 'station-lanes')
  rmSync(made, { recursive: true })
})

test('each picture in docs/pictures is one that is taken here', () => {
  expect(readdirSync(join(root, 'docs/pictures')).filter((name) => !taken.has(name))).toEqual([])
})
