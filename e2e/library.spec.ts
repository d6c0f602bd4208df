import { readFile, truncate, writeFile } from 'node:fs/promises'
import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes, offences } from './axe.ts'
import { dragFiles, otabench } from './files.ts'
import { startVirtualBench, virtualCard } from './virtual-bench.ts'

/** Writes an update artifact for the given device types with the command line. */
async function writeArtifact(file: string, name: string, types: readonly string[]): Promise<void> {
  const script = `${file}.sh`
  await writeFile(script, '#!/bin/sh\nexit 0\n')
  const words = ['artifact', 'write', 'module-image', '-T', 'script', '-n', name, '-f', script, '-o', file]
  otabench([...words, ...types.flatMap((type) => ['-t', type])])
}

test('an artifact that is dropped on a card goes to the library, and the deploy dialog opens for that card', async ({
  bench,
}, testInfo) => {
  const { page, picture } = bench
  const file = testInfo.outputPath('dropped-v1.mender')
  await writeArtifact(file, 'dropped-v1', ['another-board'])
  await startVirtualBench(page)
  const card = virtualCard(page, 'virt-01')
  const { drop } = await dragFiles(page, card, [file])
  await expect(card).toContainText('Add to the library and deploy')
  await drop()
  const dialog = page.getByRole('dialog', { name: 'Deploy' })
  await expect(dialog.getByRole('radio', { name: /dropped-v1/ })).toBeChecked()
  await expect(dialog.getByRole('checkbox', { name: /virt-01/ })).toBeChecked()
  await expect(dialog).toContainText('is for another-board, not virtual')
  await picture('dropped-on-card')
})

test('who goes elsewhere while an artifact that was dropped on a card comes in stays there', async ({ bench }, testInfo) => {
  const { page, where } = bench
  const file = testInfo.outputPath('dropped-v1.mender')
  await writeArtifact(file, 'dropped-v1', ['virtual'])
  await startVirtualBench(page)
  const { drop } = await dragFiles(page, virtualCard(page, 'virt-01'), [file])
  // As soon as it is dropped, and before it is in.
  await page.evaluate(() => {
    const leave = () => window.dispatchEvent(new KeyboardEvent('keydown', { key: '5', code: 'Digit5', ctrlKey: true }))
    window.addEventListener('drop', () => queueMicrotask(leave), { capture: true, once: true })
  })
  await drop()
  // What a browser sends is no job.
  if (where === 'app') await expect(page.getByRole('listbox', { name: 'Jobs' })).toContainText(/Add dropped-v1.*DONE/)
  await page.keyboard.press('Control+2')
  await expect(page.locator('[data-artifact]', { hasText: 'dropped-v1' })).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('an artifact is added from a file, read, and removed; a file that is none is refused with a reason', async ({ bench }, testInfo) => {
  const { page, picture } = bench
  const file = testInfo.outputPath('upgrade-v2.mender')
  await writeArtifact(file, 'upgrade-v2', ['board-a', 'board-b'])
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  const add = () => page.getByRole('button', { name: 'Add…' }).click()
  await bench.give([file], add)
  const inspector = page.getByRole('complementary', { name: 'upgrade-v2' })
  await expect(inspector).toContainText('board-a, board-b')
  await expect(inspector).toContainText('not signed')
  await expect(inspector).toContainText('upgrade-v2.mender.sh')

  await bench.give([`${file}.sh`], add)
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.locator('[data-artifact]')).toHaveCount(1)

  await page.locator('[data-artifact]').focus()
  await page.keyboard.press('Delete')
  await expect(page.getByRole('heading', { name: 'No artifacts' })).toBeVisible()
  const removed = page.getByRole('alert').filter({ hasText: 'upgrade-v2 removed' })
  // While the pointer is on it, it stays.
  await removed.hover()
  expect(await offences(page)).toEqual([])
  await picture('library-removed')
  await removed.getByRole('button', { name: 'Undo' }).click()
  await expect(page.locator('[data-artifact]')).toContainText('upgrade-v2')
  await expect(removed).toBeHidden()
})

test('an artifact that expands far is refused with the reason, and added when that is meant', async ({ bench }, testInfo) => {
  const { page } = bench
  const image = testInfo.outputPath('empty.img')
  const file = testInfo.outputPath('empty-v1.mender')
  await writeFile(image, '')
  await truncate(image, 100 << 20)
  otabench(['artifact', 'write', 'rootfs-image', '-n', 'empty-v1', '-t', 'board', '-f', image, '-o', file])
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await (await dragFiles(page, page.getByRole('tabpanel'), [file])).drop()
  const alert = page.getByRole('alert').filter({ hasText: 'empty-v1.mender expands' })
  await expect(alert).toContainText('times')
  // While the pointer is on it, it stays.
  await alert.hover()
  await inBothThemes(bench, 'library-expands')
  await alert.getByRole('button', { name: 'Add anyway' }).click()
  await expect(page.getByRole('complementary', { name: 'empty-v1' })).toBeVisible()
})

test('the library is searched, sorted and marked by keyboard, and shows releases and where each is installed', async ({
  bench,
}, testInfo) => {
  const { page, picture } = bench
  const files = await Promise.all(
    [
      ['app-2', 'board-a'],
      ['app-2', 'board-b'],
      ['app-10', 'board-a'],
      ['tool-1', 'board-c'],
    ].map(async ([name = '', type = '']) => {
      const file = testInfo.outputPath(`${name}-${type}.mender`)
      await writeArtifact(file, name, [type])
      return file
    }),
  )
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await (await dragFiles(page, page.getByRole('tabpanel'), files)).drop()
  const rows = page.locator('[data-artifact]')
  await expect(rows).toHaveCount(4)
  // The last one is shown once it is in.
  await expect(page.getByRole('complementary', { name: 'tool-1' })).toBeVisible()
  await expect(page.getByText('release of 2 artifacts')).toBeVisible()
  await page.getByRole('button', { name: 'Name' }).click()
  await expect(rows).toHaveText([/^script.*board-[ab]/, /^script.*board-[ab]/, /^app-10/, /^tool-1/])
  await picture('library-releases')
  await page.keyboard.press('/')
  await page.keyboard.type('board-c unsigned')
  await expect(rows).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(rows).toHaveCount(4)

  await rows.first().focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name: 'tool-1' })).toBeVisible()
  await page.keyboard.press('ArrowUp')
  await expect(page.getByRole('complementary', { name: 'app-10' })).toBeVisible()
  await page.keyboard.press('Shift+ArrowUp')
  const marked = page.getByRole('group', { name: 'Marked artifacts' })
  await expect(marked).toContainText('2 marked')
  await page.keyboard.press('Escape')
  await expect(marked).toBeHidden()
  await page.keyboard.press('Control+a')
  await expect(marked).toContainText('4 marked')
  await expect(marked.getByRole('button', { name: 'Compare' })).toBeDisabled()
  await page.keyboard.press('Delete')
  await expect(page.getByRole('heading', { name: 'No artifacts' })).toBeVisible()
  await page.getByRole('alert').filter({ hasText: '4 artifacts removed' }).getByRole('button', { name: 'Undo' }).click()
  await expect(rows).toHaveCount(4)
})

test('the file of an artifact can be dragged out under its name, and is shown in its folder', async ({ app }, testInfo) => {
  const { page, electron } = app
  const file = testInfo.outputPath('out-1.mender')
  await writeArtifact(file, 'out-1', ['board'])
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await (await dragFiles(page, page.getByRole('tabpanel'), [file])).drop()
  const row = page.locator('[data-artifact]')
  await expect(row).toHaveCount(1)
  await expect(page.getByRole('complementary', { name: 'out-1' })).toBeVisible()
  await electron.evaluate(({ BrowserWindow, shell }) => {
    const keep = (name: string) => (value: string) => Reflect.set(globalThis, name, value)
    Object.assign(shell, { showItemInFolder: keep('shown') })
    const [window] = BrowserWindow.getAllWindows()
    if (window) Object.assign(window.webContents, { startDrag: ({ file: path }: { file: string }) => keep('dragged')(path) })
  })
  const seen = (name: string) => electron.evaluate((_, key) => String(Reflect.get(globalThis, key)), name)
  await row.dispatchEvent('dragstart', { dataTransfer: await page.evaluateHandle(() => new DataTransfer()) })
  await expect.poll(() => seen('dragged')).toMatch(/\/out-1\.mender$/)
  expect((await readFile(await seen('dragged'))).equals(await readFile(file))).toBe(true)
  await page.getByRole('button', { name: 'More for out-1' }).click()
  await page.getByRole('menuitem', { name: 'Show in folder' }).click()
  await expect.poll(() => seen('shown')).toMatch(/\/artifacts\/[\w-]+\.mender$/)
})
