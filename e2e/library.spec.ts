import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import { test } from './app.ts'

/** Writes an update artifact for the given device types with the command line. */
async function writeArtifact(file: string, name: string, types: readonly string[]): Promise<void> {
  const script = `${file}.sh`
  await writeFile(script, '#!/bin/sh\nexit 0\n')
  const cli = join(import.meta.dirname, '..', 'out', 'main', 'cli.js')
  const words = ['artifact', 'write', 'module-image', '-T', 'script', '-n', name, '-f', script, '-o', file]
  const node = process.env.OTABENCH_NODE ?? process.execPath
  execFileSync(node, [cli, ...words, ...types.flatMap((type) => ['-t', type])], { stdio: 'pipe' })
}

/** Drops a file of the disk on an element: a file input makes the File, since only a chosen one has a path. */
async function dropFile(page: Page, target: Locator, file: string): Promise<void> {
  await page.evaluate(() => {
    const input = document.createElement('input')
    input.type = 'file'
    input.id = 'dropped'
    document.body.append(input)
  })
  await page.locator('#dropped').setInputFiles(file)
  const dataTransfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    const chosen = document.querySelector<HTMLInputElement>('#dropped')?.files?.[0]
    if (chosen) transfer.items.add(chosen)
    return transfer
  })
  await target.dispatchEvent('dragover', { dataTransfer })
  await expect(target).toContainText('Add to the library and deploy')
  await target.dispatchEvent('drop', { dataTransfer })
}

test('an artifact that is dropped on a card goes to the library, and the deploy dialog opens for that card', async ({ app }, testInfo) => {
  const { page, picture } = app
  const file = testInfo.outputPath('dropped-v1.mender')
  await writeArtifact(file, 'dropped-v1', ['another-board'])
  await page.getByRole('button', { name: /^Start virtual bench/ }).click()
  const card = page.locator('article').first()
  await expect(card).toHaveAccessibleName(/up to date/, { timeout: 60_000 })
  await dropFile(page, card, file)
  const dialog = page.getByRole('dialog', { name: 'Deploy' })
  await expect(dialog.getByRole('radio', { name: /dropped-v1/ })).toBeChecked()
  await expect(dialog.getByRole('checkbox', { name: /virt-01/ })).toBeChecked()
  await expect(dialog).toContainText('is for another-board, not virtual')
  await picture('dropped-on-card')
})

test('an artifact is added from a file, read, and removed; a file that is none is refused with a reason', async ({ app }, testInfo) => {
  const { page, electron } = app
  const file = testInfo.outputPath('upgrade-v2.mender')
  await writeArtifact(file, 'upgrade-v2', ['board-a', 'board-b'])
  const choose = (path: string): Promise<void> =>
    electron.evaluate(({ dialog }, chosen) => {
      Object.assign(dialog, { showOpenDialog: () => Promise.resolve({ canceled: false, filePaths: [chosen] }) })
    }, path)

  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await choose(file)
  await page.getByRole('button', { name: 'Add…' }).click()
  const inspector = page.getByRole('complementary', { name: 'upgrade-v2' })
  await expect(inspector).toContainText('board-a, board-b')
  await expect(inspector).toContainText('not signed')
  await expect(inspector).toContainText('upgrade-v2.mender.sh')

  await choose(`${file}.sh`)
  await page.getByRole('button', { name: 'Add…' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByRole('row')).toHaveCount(2)

  await inspector.getByRole('button', { name: 'Remove…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByRole('heading', { name: 'No artifacts' })).toBeVisible()
})

test('a signing key is made, and its public half can be copied', async ({ app }) => {
  const { page } = app
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await page.getByRole('tab', { name: /^Keys/ }).click()
  await page.getByLabel('Name').fill('release-2026')
  await page.getByRole('button', { name: 'Generate key' }).click()
  await expect(page.getByRole('row', { name: /release-2026/ })).toContainText('sign and verify')
  await page.getByRole('button', { name: 'Copy the public key of release-2026' }).click()
  const copied = await app.electron.evaluate(({ clipboard }) => clipboard.readText())
  expect(copied).toContain('-----BEGIN PUBLIC KEY-----')
})
