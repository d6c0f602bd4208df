import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { makeCard, tool } from '../src/main/cli/commands/image.cases.ts'
import { type App, test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { command } from './command.ts'
import { choose, dragFiles, flashTo, makeDrive, otabench } from './files.ts'

/** Chooses an entry of the window's menu. */
async function chooseInMenu({ electron }: App, label: string): Promise<void> {
  await electron.evaluate(({ Menu }, wanted) => {
    const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? []
    items.find((item) => item.label.replace('&', '') === wanted)?.click()
  }, label)
}

/** Tries to close the window, and answers what is asked; it is kept open. */
function closeWindow({ electron }: App): Promise<string> {
  return electron.evaluate(
    ({ BrowserWindow, dialog }) =>
      new Promise<string>((resolve) => {
        const ask = (_window: unknown, { detail }: { detail: string }): Promise<{ response: number }> => {
          resolve(detail)
          return Promise.resolve({ response: 0 })
        }
        Object.assign(dialog, { showMessageBox: ask })
        BrowserWindow.getAllWindows()[0]?.close()
      }),
  )
}

/** Whether the button that erases is off when it comes: it is so for two seconds, which pass before a busy machine looks. */
function seenFirst(page: Page): Promise<boolean> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          const erase = document.querySelector<HTMLButtonElement>('button[data-arming]')
          if (erase === null) return
          observer.disconnect()
          resolve(erase.disabled)
        })
        observer.observe(document.body, { subtree: true, childList: true })
      }),
  )
}

test('an image is flashed to two cards: one fails and is finished, and what is on a card can be looked into and copied out', async ({
  bench,
}, testInfo) => {
  const { page } = bench
  mkdirSync(testInfo.outputDir, { recursive: true })
  const image = makeCard(testInfo.outputDir, 'dos')
  await command(page, 'Flash an image…')
  await expect(page.getByRole('heading', { level: 1, name: 'Flash' })).toBeVisible()
  await makeDrive(page, 'good', { Size: /^1 GiB/, 'Speed of writing': /^5 MiB/ })
  await makeDrive(page, 'bad', { Size: /^1 GiB/, 'What goes wrong': /fails/ })
  const panel = page.getByRole('region', { name: 'Image' })
  await bench.choose({ open: image }, () => panel.getByRole('button', { name: 'Choose…' }).click())
  await expect(page.getByText('boots rootfs A')).toBeVisible()
  const station = page.getByRole('dialog', { name: 'Station' })
  await page.getByRole('button', { name: 'Station…' }).click()
  await expect(station.getByLabel('Image', { exact: true })).toHaveValue(image)
  await page.keyboard.press('Escape')
  await expect(station).toBeHidden()
  // Nothing is ever chosen beforehand.
  await expect(page.getByRole('checkbox', { name: /good|bad/, checked: true })).toHaveCount(0)
  await page.getByRole('checkbox', { name: 'virtual good' }).check()
  await page.getByRole('checkbox', { name: 'virtual bad' }).check()
  // What it is is said once.
  expect((await page.getByRole('article', { name: /^virtual good/ }).innerText()).match(/virtual/gi)).toHaveLength(1)
  await inBothThemes(bench, 'flash-ready')

  const isOffAtFirst = seenFirst(page)
  await page.getByRole('button', { name: 'Erase 2 virtual drives (2.15 GB)…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Everything on these drives will be lost' })
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  const erase = dialog.getByRole('button', { name: 'Erase 2 virtual drives (2.15 GB)' })
  expect(await isOffAtFirst).toBe(true)
  await expect(erase).toBeEnabled()
  await inBothThemes(bench, 'flash-erase')
  await erase.click()
  await page.getByRole('button', { name: 'Pause virtual good' }).click()
  await expect(page.getByRole('article', { name: /^virtual good, paused/ })).toBeVisible()
  await inBothThemes(bench, 'flash-paused')
  await page.getByRole('button', { name: 'Go on with virtual good' }).click()
  const bad = page.getByRole('article', { name: /^virtual bad, failed/ })
  await expect(bad).toContainText('EIO')
  await expect(page.getByRole('article', { name: /^virtual good, done/ })).toContainText('written and verified')
  await inBothThemes(bench, 'flash-ended')
  await page.getByRole('button', { name: 'Repair virtual bad' }).click()
  await expect(page.getByRole('button', { name: 'Repair virtual bad' })).toBeHidden()
  // It counts as plugged in anew, and might be another card: it is asked again.
  await bad.getByRole('button', { name: 'Finish' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Erase 1/ })
    .click()
  await expect(page.getByRole('article', { name: /^virtual bad, done/ })).toBeVisible()

  await page.getByRole('button', { name: 'Look into virtual bad' }).click()
  await expect(page.getByRole('row', { name: /rootfs A boots/ })).toContainText('release-1')
  await bench.choose({ open: image }, () => page.getByRole('button', { name: 'Compare with an image…' }).click())
  await expect(page.getByText(/It holds card\.dos: 63\.\d MB compared/)).toBeVisible()
  await page.getByRole('button', { name: 'Files of partition 4' }).click()
  await expect(page.getByRole('option', { name: 'mender/' })).toBeVisible()
  await page.getByRole('listbox', { name: 'Files in /' }).focus()
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('button', { name: /^Copy \/lost\+found|^Copy \/mender/ })).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await inBothThemes(bench, 'flash-inspect')
  mkdirSync(testInfo.outputPath('out'))
  await bench.choose({ folder: testInfo.outputPath('out') }, () => page.getByRole('button', { name: 'Copy /mender out' }).click())
  await expect(page.getByText(/^Copied to/)).toBeVisible()
  expect(readFileSync(testInfo.outputPath('out/mender/device_type'), 'utf8')).toBe('device_type=beaglebone\n')
})

test('an image that is dropped is flashed, also an artifact, and the window asks before it is closed meanwhile', async ({
  app,
}, testInfo) => {
  const { page } = app
  mkdirSync(testInfo.outputDir, { recursive: true })
  const image = makeCard(testInfo.outputDir, 'dos')
  await chooseInMenu(app, 'Flash an image…')
  await makeDrive(page, 'slow', { Size: /^1 GiB/, 'Speed of writing': /^5 MiB/ })
  // An artifact too is something to write here; elsewhere it goes to the library.
  const panel = page.getByRole('region', { name: 'Image' })
  const artifact = testInfo.outputPath('os.mender')
  otabench(['artifact', 'write', 'rootfs-image', '-n', 'os-1', '-t', 'board', '-f', image, '-o', artifact])
  await (await dragFiles(page, panel, [artifact])).drop()
  await expect(panel).toContainText('os.mender')
  await panel.getByRole('button', { name: 'Choose another image' }).click()
  await (await dragFiles(page, panel, [image])).drop()
  await flashTo(page, 'slow')
  await page.getByRole('button', { name: 'Pause virtual slow' }).click()
  expect(await closeWindow(app)).toContain('Flash card.dos to ')
})

/** Something to compose a card of: a root file system and a boot partition as folders. */
function makeParts(folder: string): void {
  mkdirSync(`${folder}/root/etc/mender`, { recursive: true })
  mkdirSync(`${folder}/boot`, { recursive: true })
  writeFileSync(`${folder}/root/etc/hostname`, 'board\n')
  writeFileSync(`${folder}/root/etc/fstab`, '')
  writeFileSync(`${folder}/boot/config.txt`, 'arm_64bit=1\n')
}

const RECIPE = `version: 1
name: from git
image: from-git.img
layout:
  version: 1
  name: e2e
  table: gpt
  boot: {folder: boot, size: 16 MiB}
  rootfs: {folder: root, size: 64 MiB}
  data: {size: 16 MiB}
  seed: {deviceType: e2e-board}
seed: {artifactName: from-git-1}
`

test('a card is composed by the form, kept as a recipe, and flashed to a large disk, which wants its name typed', async ({
  app,
}, testInfo) => {
  const { page } = app
  if (process.getuid?.() !== 0) return console.log('Not flashed to a loop device: only root can make one')
  mkdirSync(testInfo.outputDir, { recursive: true })
  makeParts(testInfo.outputDir)
  const disk = testInfo.outputPath('large-disk')
  writeFileSync(disk, '')
  truncateSync(disk, 400e9)
  const loop = tool('losetup', '--find', '--show', disk).trim()
  try {
    await command(page, 'Compose a card image')
    const form = page.getByRole('dialog', { name: 'Compose a card image' })
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('e2e')
    await form.getByRole('combobox', { name: 'From' }).first().click()
    await page.getByRole('option', { name: 'a folder' }).click()
    await form.getByRole('textbox', { name: 'Root file system' }).fill(testInfo.outputPath('root'))
    await form.getByRole('textbox', { name: 'Size of each slot' }).fill('64 MiB')
    await form.getByRole('textbox', { name: 'Boot partition' }).fill(testInfo.outputPath('boot'))
    await form.getByText('Seed: what makes').click()
    await form.getByRole('textbox', { name: 'Device type' }).fill('e2e-board')
    await form.getByRole('textbox', { name: 'Artifact name' }).fill('composed-1')
    const preview = form.getByRole('region', { name: 'What the card will be' })
    await expect(preview.getByRole('img', { name: /rootfs A 67\.1 MB/ })).toBeVisible()
    await expect(preview).toContainText('deviceType: e2e-board')
    const needs = form.getByRole('checkbox', { name: 'Add what Mender needs' })
    await expect(needs).toBeChecked()
    await needs.uncheck()
    await expect(preview).toContainText('prepare: false')
    await needs.check()
    await expect(preview).not.toContainText('prepare')
    await inBothThemes(app, 'flash-compose')
    await choose(app, { save: testInfo.outputPath('e2e.img') })
    await form.getByRole('button', { name: 'Choose: Write the image to' }).click()
    await form.getByRole('button', { name: 'Compose', exact: true }).click()
    await expect(page.getByText('composed-1 · for e2e-board')).toBeVisible()
    await page.getByRole('button', { name: 'Save as recipe…' }).click()
    await page.getByRole('dialog', { name: 'Save as recipe' }).getByRole('textbox', { name: 'Name' }).fill('e2e board')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Choose another image' }).click()
    writeFileSync(testInfo.outputPath('from-git.yaml'), RECIPE)
    await (await dragFiles(page, page.getByRole('region', { name: 'Image' }), [testInfo.outputPath('from-git.yaml')])).drop()
    await page.getByRole('button', { name: /^from git/ }).click()
    await expect(page.getByText('from-git-1 · for e2e-board')).toBeVisible()
    await page.getByRole('button', { name: 'Choose another image' }).click()
    await expect(page.getByRole('list', { name: 'Recipes' }).getByRole('listitem')).toHaveCount(2)
    await inBothThemes(app, 'flash-recipes')
    // Written as a file, it says the same as it is kept.
    await choose(app, { save: testInfo.outputPath('written.yaml') })
    await page.getByRole('button', { name: 'Write the recipe e2e board as a file' }).click()
    await expect(page.getByText('The recipe is written')).toBeVisible()
    expect(readFileSync(testInfo.outputPath('written.yaml'), 'utf8')).toMatch(
      /^version: 1\nname: e2e board\nimage: e2e\.img\nlayout:\n[\s\S]* folder: boot\n[\s\S]* artifactName: composed-1\n/,
    )
    await page.getByRole('button', { name: 'Remove the recipe e2e board' }).click()
    await expect(page.getByRole('button', { name: /^e2e board/ })).toHaveCount(0)
    await (await dragFiles(page, page.getByRole('region', { name: 'Image' }), [testInfo.outputPath('written.yaml')])).drop()
    await page.getByRole('button', { name: /^e2e board/ }).click()
    await expect(page.getByText('composed-1 · for e2e-board')).toBeVisible()

    await page.getByRole('checkbox', { name: 'Loop devices' }).check()
    // By keyboard alone from here on.
    await page.getByRole('checkbox', { name: 'large-disk' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: /^Erase 1 drive/ }).focus()
    await page.keyboard.press('Enter')
    const erase = page.getByRole('dialog').getByRole('button', { name: /^Erase 1 drive/ })
    const name = page.getByRole('dialog').getByRole('textbox', { name: /Type large-disk to confirm/ })
    await name.fill('large-dis')
    await expect(page.getByRole('dialog').locator('[data-arming=false]')).toBeVisible()
    await expect(erase).toBeDisabled()
    await name.press('End')
    await name.press('k')
    await expect(erase).toBeEnabled()
    await name.press('Enter')
    await expect(page.getByRole('article', { name: /^large-disk, done/ })).toContainText('written and verified')
    const part = testInfo.outputPath('part')
    const [, start = '', sectors = ''] =
      /start= *(\d+), size= *(\d+)/.exec(
        tool('/usr/sbin/sfdisk', '--dump', loop)
          .split('\n')
          .find((line) => line.includes('p2 :')) ?? '',
      ) ?? []
    tool('dd', `if=${loop}`, `of=${part}`, 'bs=512', `skip=${start}`, `count=${sectors}`, 'status=none')
    tool('/usr/sbin/e2fsck', '-fn', part)
    expect(tool('mender-artifact', 'cat', `${testInfo.outputPath('e2e.img')}:/etc/mender/artifact_info`)).toBe('artifact_name=composed-1\n')
  } finally {
    tool('losetup', '--detach', loop)
  }
})
