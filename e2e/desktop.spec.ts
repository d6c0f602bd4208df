import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { electronPath, root } from './app.ts'
import { command } from './command.ts'
import { test } from './journey.ts'
import { inBothThemes, offences } from './axe.ts'
import { choose, dragFiles, otabench } from './files.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
// Chromium's sandbox does not start for root.
const SWITCHES = process.getuid?.() === 0 ? ['--no-sandbox'] : []

async function filesIn(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
  await writeFile(join(folder, 'card.img'), Buffer.alloc(1 << 20))
  await writeFile(join(folder, 'board.yaml'), 'version: 1\nidentity:\n  mac: { interface: auto }\n')
  await writeFile(join(folder, 'card.yaml'), 'version: 1\nname: card\ntable: gpt\nrootfs: { image: root.ext4 }\n')
  await writeFile(join(folder, 'order 7.csv'), 'serial,mac\nSN-1,02:00:00:00:00:01\n')
  const { publicKey } = generateKeyPairSync('ed25519')
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  await writeFile(join(folder, 'fleet.csv'), `mac,public_key\n02:00:00:00:00:09,"${pem}"\n`)
  await writeFile(join(folder, 'both.csv'), `serial,public_key\nSN-9,"${pem}"\n`)
  await writeFile(join(folder, 'notes.txt'), 'nothing')
  const words = ['artifact', 'write', 'module-image', '-T', 'script', '-t', 'board', '-f', 'run.sh']
  for (const name of ['one', 'two']) otabench([...words, '-n', name, '-o', `${name}.mender`], folder)
}

test('files and links on the command line are opened where they belong, a second start hands its own to the first', async ({ start }) => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-e2e-'))
  await filesIn(folder)
  // An instance that can be met a second time: settings of its own by the home folder, not by the switch that makes one alone.
  const environment = { XDG_CONFIG_HOME: join(folder, 'config') }
  const electron = await start(folder, { more: [join(folder, 'one.mender')], environment, isAlone: false })
  try {
    const page = await electron.firstWindow({ timeout: 0 })
    await expect(page.getByRole('complementary', { name: 'one' })).toBeVisible()
    const again = async (...words: string[]): Promise<void> => {
      const second = spawn(electronPath, [...SWITCHES, root, '--data', join(folder, 'data'), ...words], {
        env: { ...process.env, ...environment },
        cwd: folder,
      })
      await once(second, 'exit')
    }
    await again('two.mender')
    await expect(page.getByRole('complementary', { name: 'two' })).toBeVisible()
    await again('otabench://place/jobs')
    await expect(heading(page, 'Jobs')).toBeVisible()
    await again('otabench://delete/everything', 'card.img')
    await expect(heading(page, 'Flash')).toBeVisible()
    await expect(page.getByText('card.img').first()).toBeVisible()
    // What was opened can be opened again.
    const recent = () =>
      electron.evaluate(({ Menu }) =>
        Menu.getApplicationMenu()
          ?.items[0]?.submenu?.items.find(({ label }) => label === 'Open recent')
          ?.submenu?.items.map(({ label }) => label),
      )
    await expect.poll(recent).toEqual(['card.img', 'two.mender', 'one.mender'].map((name) => join(folder, name)))
  } finally {
    await electron.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('what is dropped on the window is opened where it belongs, and what nothing opens is said', async ({ app }, testInfo) => {
  const { page } = app
  const folder = testInfo.outputPath('files')
  await filesIn(folder)
  await page.getByRole('button', { name: /^Jobs/ }).click()
  await (await dragFiles(page, page.getByRole('main'), [join(folder, 'card.img')])).drop()
  await expect(heading(page, 'Flash')).toBeVisible()
  await page.getByRole('button', { name: /^Jobs/ }).click()
  const drag = await dragFiles(page, page.getByRole('main'), [join(folder, 'board.yaml')])
  await expect(page.getByText(/^Open: an artifact/)).toBeVisible()
  await drag.drop()
  await expect(page.getByRole('dialog', { name: 'Provision a board' }).getByRole('textbox', { name: 'Recipe' })).toHaveValue(/board\.yaml$/)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await (await dragFiles(page, page.getByRole('main'), [join(folder, 'notes.txt')])).drop()
  await expect(page.getByText('Nothing opens this')).toBeVisible()
  await expect(page.getByText(/^notes\.txt: The bench opens/)).toBeVisible()

  await command(page, 'diagnostics')
  await expect(page.getByText('Diagnostics copied')).toBeVisible()
  const text = await app.clipboard()
  expect(text).toMatch(/^OTA Bench \d/)
  expect(text).toContain('devices: 0')
  expect(text).not.toContain('127.0.0.1')
})

test('lists and layouts that are dropped, or opened, lead to where they are taken, and an unclear one is asked about', async ({
  app,
}, testInfo) => {
  const { page } = app
  const folder = testInfo.outputPath('files')
  await filesIn(folder)
  const drop = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: /^Jobs/ }).click()
    await (await dragFiles(page, page.getByRole('main'), [join(folder, name)])).drop()
  }
  await drop('fleet.csv')
  const expecting = page.getByRole('dialog', { name: 'Preauthorize devices' })
  await expecting.getByRole('button', { name: 'Preauthorize' }).press('Enter')
  await expect(expecting.getByRole('status')).toHaveText('1 device preauthorized.')
  await inBothThemes(app, 'opened-devices')
  await expecting.getByRole('button', { name: 'Show them' }).press('Enter')
  await expect(page.locator('article')).toHaveAccessibleName(/02:00:00:00:00:09, expected/)

  // On a card too, which takes artifacts otherwise.
  await (await dragFiles(page, page.locator('article'), [join(folder, 'order 7.csv')])).drop()
  const order = page.getByRole('dialog', { name: 'Work order' })
  await expect(order.getByRole('textbox', { name: 'Name' })).toHaveValue('order-7')
  await inBothThemes(app, 'opened-order')
  await page.keyboard.press('Enter')
  const station = page.getByRole('dialog', { name: 'Station' })
  await expect(station.getByRole('combobox', { name: 'Work order' })).toContainText('order-7, 0 of 1')
  await page.keyboard.press('Escape')
  await expect(station).toBeHidden()

  await choose(app, { open: join(folder, 'card.yaml') })
  await page.keyboard.press('Control+o')
  const compose = page.getByRole('dialog', { name: 'Compose a card image' })
  await expect(compose).toContainText('card.yaml is composed as it is')
  await page.keyboard.press('Escape')
  await expect(compose).toBeHidden()

  await drop('both.csv')
  const asking = page.getByRole('dialog', { name: 'What is this file?' })
  await inBothThemes(app, 'opened-unclear')
  await asking.getByRole('button', { name: 'A work order for the station' }).press('Enter')
  await expect(order).toContainText('both.csv')
})

test('with more contrast, or in the colours of the system, everything stays told apart', async ({ bench }) => {
  const { page, picture } = bench
  await startVirtualBench(page)
  await page.keyboard.press('Control+,')
  await page.getByRole('tab', { name: 'Appearance' }).click()
  await page.getByRole('switch', { name: 'More contrast' }).press('Space')
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await expect(heading(page, 'Settings')).toBeVisible()
    await picture(`contrast-settings-${scheme}`)
    expect(await offences(page), scheme).toEqual([])
    await page.keyboard.press('Control+1')
    await expect(heading(page, 'Bench')).toBeVisible()
    await picture(`contrast-bench-${scheme}`)
    expect(await offences(page), scheme).toEqual([])
    await page.keyboard.press('Control+,')
  }
  await page.keyboard.press('Control+1')
  const card = virtualCard(page, 'virt-02')
  await card.focus()
  await page.keyboard.press('Space')
  await page.emulateMedia({ forcedColors: 'active' })
  await picture('forced-colors')
  await expect(card).toHaveAttribute('data-marked', 'true')
})
