import { mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from '@playwright/test'
import { freePort } from '../src/main/engine/lib/free-port.cases.ts'
import { root } from './app.ts'
import { inBothThemes } from './axe.ts'
import { openBrowser, Served } from './browser.ts'
import { command } from './command.ts'
import { bringInPage, dragFiles, flashTo, makeDrive, otabench } from './files.ts'
import { test } from './journey.ts'
import { startVirtualBench } from './virtual-bench.ts'

test('in a browser artifacts are added by upload and saved by download, and what is refused says why', async ({ bench }, testInfo) => {
  const { page } = bench
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
  await writeFile(join(folder, 'broken.mender'), 'nothing')
  const words = ['artifact', 'write', 'module-image', '-T', 'script', '-t', 'board', '-f', 'run.sh']
  for (const name of ['one', 'two']) otabench([...words, '-n', name, '-o', `${name}.mender`], folder)
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await bench.give([join(folder, 'one.mender')], () => page.getByRole('button', { name: 'Add…' }).click())
  const inspector = page.getByRole('complementary', { name: 'one' })
  await expect(inspector).toContainText('run.sh')
  await (await dragFiles(page, page.getByRole('tabpanel'), [join(folder, 'two.mender')])).drop()
  await expect(page.locator('[data-artifact]')).toHaveCount(2)

  await (await dragFiles(page, page.getByRole('tabpanel'), [join(folder, 'broken.mender')])).drop()
  await expect(page.getByRole('alert')).toContainText(/broken.mender: artifact ends at byte 7/)
  await inBothThemes(bench, 'refused')

  await page.locator('[data-artifact]', { hasText: 'one' }).click()
  await inspector.getByRole('button', { name: 'More for one' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Download' }).click()
  expect(await readFile(await (await download).path())).toEqual(await readFile(join(folder, 'one.mender')))
  await page.locator('[data-artifact]').first().focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('c')
  await expect(page.getByRole('tabpanel')).toContainText('artifact name')
})

test.describe('where the machine is not shared', () => {
  test.use({ given: { isMachineShared: false } })

  test('in a browser what takes files and drives of the machine of the bench leads there, and is offered nowhere', async ({ bench }) => {
    const { page } = bench
    await page.keyboard.press('Control+3')
    await expect(page.getByRole('main')).toContainText(
      'Open the app on that machine, use otabench flash IMAGE --to DRIVE there, or start otabench serve --ui --share-machine.',
    )
    await inBothThemes(bench, 'flash-from-afar')
    await page.keyboard.press('Control+2')
    await expect(page.getByRole('button', { name: 'Add…' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'New artifact…' })).toHaveCount(0)
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: 'Search or run a command' })
    for (const name of ['Open…', 'New artifact…', 'Station…', 'Provision a board…']) {
      await palette.getByRole('combobox').fill(name)
      const found = palette.getByRole('option', { name: new RegExp(`^${name}.*Only in the app, or where the machine is shared`) })
      await expect(found).toHaveAttribute('aria-disabled', 'true')
    }
    await page.keyboard.press('Escape')
    await command(page, 'preauthorize devices')
    await page.getByRole('dialog').getByRole('tab', { name: 'From a CSV file' }).click()
    await expect(page.getByRole('dialog')).toContainText('otabench devices preauthorize-list FILE')
  })
})

test('where the machine is shared its files are chosen in the page, by keyboard alone', async ({ bench }, testInfo) => {
  const { page } = bench
  const folder = testInfo.outputPath('images')
  await mkdir(join(folder, 'old'), { recursive: true })
  await writeFile(join(folder, 'card.img'), 'there already')
  await command(page, 'Compose a card image')
  const form = page.getByRole('dialog', { name: 'Compose a card image' })
  const output = form.getByRole('textbox', { name: 'Write the image to' })
  const button = form.getByRole('button', { name: 'Choose: Write the image to' })
  await button.press('Enter')
  const chooser = page.getByRole('dialog', { name: 'Save as' })
  // Escape leaves what asked as it was.
  const name = chooser.getByRole('textbox', { name: 'Name' })
  await expect(name).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(chooser).toBeHidden()
  await expect(button).toBeFocused()
  await page.keyboard.press('Enter')
  const line = chooser.getByRole('textbox', { name: 'Folder on the machine of the bench' })
  // The first folder's path would come between the choosing of what is there and the typing over it.
  await expect(line).toHaveValue(/./)
  await line.fill(join(folder, 'none'))
  await line.press('Enter')
  await expect(chooser.getByRole('alert')).toContainText('There is no folder')
  await expect(line).toBeFocused()
  await line.fill(folder)
  await line.press('Enter')
  const files = (path: string) => chooser.getByRole('listbox', { name: `Files in ${path}`, exact: true })
  await expect(files(folder).getByRole('option')).toHaveText([/^old\//, /^card\.img/])
  await inBothThemes(bench, 'file-chooser')
  const up = chooser.getByRole('button', { name: 'Up to the folder above' })
  await up.press('Enter')
  await expect(files(dirname(folder))).toBeVisible()
  await expect(up).toBeFocused()
  await line.fill(folder)
  await line.press('Enter')
  await expect(files(folder)).toBeVisible()
  await files(folder).press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(files(join(folder, 'old'))).toBeVisible()
  await page.keyboard.press('Backspace')
  await expect(files(folder)).toBeFocused()
  await page.keyboard.press('End')
  await expect(name).toHaveValue('card.img')
  await expect(chooser.getByRole('button', { name: 'Replace' })).toBeVisible()
  // Enter alone replaces nothing.
  await name.press('Enter')
  await expect(chooser).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(chooser).toBeHidden()
  await expect(output).toHaveValue('')
  await expect(button).toBeFocused()
  // It opens where one was last.
  await page.keyboard.press('Enter')
  await expect(name).toBeFocused()
  await page.keyboard.type('new.img')
  await expect(chooser.getByRole('button', { name: 'Save' })).toBeEnabled()
  await page.keyboard.press('Enter')
  await expect(output).toHaveValue(join(folder, 'new.img'))
})

test('where the machine is shared its files are opened where they belong, and images are brought there and flashed, over none that is there', async ({
  bench,
}, testInfo) => {
  const { page } = bench
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  const layout = join(folder, 'card.yaml')
  await writeFile(layout, 'version: 1\nname: card\ntable: gpt\nrootfs: { image: root.ext4 }\n')
  await bench.choose({ open: layout }, () => command(page, 'Open…'))
  const form = page.getByRole('dialog', { name: 'Compose a card image' })
  await expect(form).toContainText('card.yaml is composed as it is')
  await form.getByRole('button', { name: 'Close' }).click()
  await expect(form).toBeHidden()

  const [image, large] = [join(folder, 'card.img'), join(folder, 'large.img')]
  await writeFile(image, Buffer.alloc(2 ** 20, 1))
  await writeFile(large, '')
  // It is on its way still when a busy machine looks.
  await truncate(large, 200 * 2 ** 20)
  const panel = page.getByRole('region', { name: 'Image' })
  await panel.getByRole('button', { name: 'Choose…' }).click()
  await expect(page.getByRole('button', { name: 'Upload…' })).toBeVisible()
  await bench.picture('upload-chooser')
  await bringInPage(page, image, bench.dataFolder)
  // While it is on its way the panel says where to as well.
  await expect(panel.getByText(bench.dataFolder, { exact: true })).toBeVisible()
  await makeDrive(page, 'card', { Size: /^1 GiB/ })
  await flashTo(page, 'card')
  await expect(page.getByRole('article', { name: /^virtual card, done/ })).toContainText('written and verified')

  const uploads = join(bench.dataFolder, 'uploads')
  const dragged = await dragFiles(page, panel, [image])
  await bench.picture('upload-zones')
  await dragged.drop()
  await expect(panel.getByText(uploads, { exact: true })).toBeVisible()
  await (await dragFiles(page, panel, [image])).drop()
  const question = page.getByRole('dialog', { name: 'This file is there already' })
  await expect(question).toContainText(`card.img in ${uploads}`)
  await inBothThemes(bench, 'upload-taken')
  await question.getByRole('button', { name: 'Upload as card-2.img' }).click()
  await expect(panel.getByText('card-2.img', { exact: true })).toBeVisible()

  const network = await page.context().newCDPSession(page)
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 2 ** 20 }
  await network.send('Network.emulateNetworkConditions', slow)
  await (await dragFiles(page, panel, [large])).drop()
  const coming = panel.getByRole('list', { name: 'On their way to the machine of the bench' })
  await expect(coming).toContainText(/\/s.*left/)
  await expect(page.getByRole('contentinfo')).toContainText(/Upload large\.img, \d+ %/)
  await inBothThemes(bench, 'uploading')
  await coming.getByRole('button', { name: 'Cancel: Upload large.img' }).click()
  await expect(coming).toBeHidden()
  await expect.poll(() => readdir(uploads)).toEqual(['card-2.img', 'card.img'])
})

test('a page whose server has ended says so, and goes on by itself once there is one again', async ({}, testInfo) => {
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  const browser = await openBrowser()
  // One that no connection is given while there is no server.
  const http = `127.0.0.1:${await freePort()}`
  let server = await Served.start(folder, { http })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(server.url)
    await startVirtualBench(page)
    await server.end()
    const notice = page.getByRole('alert').filter({ hasText: 'ENGINE_STOPPED' })
    await expect(notice).toContainText('No engine answers at')
    server = await Served.start(folder, { http })
    await expect(notice).toBeHidden()
    await expect(page.locator('article')).toHaveCount(4)
    await expect(page.getByText('Server running')).toBeVisible()
  } finally {
    await browser.close()
    await server.end()
  }
})

test('a page of another machine, by plain HTTP, copies as well', async ({}, testInfo) => {
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  // Only a page of this machine itself is trusted without TLS.
  const browser = await openBrowser(['--host-resolver-rules=MAP bench.test 127.0.0.1'])
  const server = await Served.start(folder)
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(server.url.replace('127.0.0.1', 'bench.test'))
    // Before that the page hears no keys.
    await expect(page.getByRole('contentinfo').getByRole('button', { name: /^Server running/ })).toBeVisible()
    expect(await page.evaluate(() => window.isSecureContext)).toBe(false)
    await command(page, 'Copy the link of what is shown')
    await expect(page.getByText('Link copied')).toBeVisible()
    await page.keyboard.press('Control+k')
    const field = page.getByRole('dialog').getByRole('combobox')
    await expect(field).toBeFocused()
    await page.keyboard.press('Control+v')
    await expect(field).toHaveValue('otabench://place/bench')
  } finally {
    await browser.close()
    await server.end()
  }
})

test.describe('where the drives of the machine cannot be listed', () => {
  // As on a Mac on which drivelist was not built; the database is loaded first, as that of this machine.
  const asMac = `
    import { createRequire } from 'node:module'
    const Database = createRequire('${root}/package.json')('better-sqlite3')
    new Database(':memory:').close()
    Object.defineProperty(process, 'platform', { value: 'darwin' })`
  test.use({ given: { environment: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(asMac)}` } } })

  test('that is said above the virtual drives, which are offered as ever', async ({ bench }) => {
    const { page } = bench
    await page.keyboard.press('Control+3')
    const drives = page.getByRole('region', { name: 'Drives' })
    await expect(drives.getByRole('alert')).toContainText('Drives cannot be listed: the native part of drivelist is not built. Build it')
    await makeDrive(page, 'spare', { Size: /^1 GiB/ })
    await expect(drives.getByRole('checkbox', { name: 'virtual spare' })).toBeVisible()
    await expect(drives.getByRole('alert')).toBeVisible()
    await inBothThemes(bench, 'drives-unlisted')
  })
})
