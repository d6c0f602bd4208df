import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './app.ts'

test('an artifact is added from a file, read, and removed; a file that is none is refused with a reason', async ({ app }, testInfo) => {
  const { page, electron } = app
  const script = testInfo.outputPath('upgrade.sh')
  const file = testInfo.outputPath('upgrade-v2.mender')
  await writeFile(script, '#!/bin/sh\nexit 0\n')
  const cli = join(import.meta.dirname, '..', 'out', 'main', 'cli.js')
  const words = ['artifact', 'write', 'module-image', '-T', 'script', '-n', 'upgrade-v2', '-t', 'board-a', '-t', 'board-b']
  execFileSync(process.env.OTABENCH_NODE ?? process.execPath, [cli, ...words, '-f', script, '-o', file])
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
  await expect(inspector).toContainText('upgrade.sh')

  await choose(script)
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
