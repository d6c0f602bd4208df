import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { dragFiles, otabench } from './files.ts'

test('the inspector shows what is in an artifact, down to the files inside its image', async ({ bench }, testInfo) => {
  const { page, clipboard } = bench
  const folder = testInfo.outputPath('')
  const tree = join(folder, 'tree')
  await mkdir(join(tree, 'etc/mender'), { recursive: true })
  await mkdir(join(tree, 'usr/bin'), { recursive: true })
  await writeFile(join(tree, 'etc/mender/mender.conf'), '{\n  "ServerURL": "https://bench.lan:8443"\n}\n')
  await writeFile(join(tree, 'usr/bin/app'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0]))
  execFileSync('ln', ['-s', 'app', join(tree, 'usr/bin/link')])
  execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, join(folder, 'os.ext4'), '16M'], { stdio: 'ignore' })
  await writeFile(join(folder, 'ArtifactInstall_Enter_00_check'), '#!/bin/sh\ndf /data\n')
  otabench(['keys', 'generate', '-o', 'foreign.pem'], folder)
  const words = ['artifact', 'write', 'rootfs-image', '-f', 'os.ext4', '-n', 'os-1', '-t', 'board', '-d', 'bootloader:2024.01', '-G', 'lab']
  otabench([...words, '-s', 'ArtifactInstall_Enter_00_check', '-k', 'foreign.pem', '-o', 'os-1.mender'], folder)

  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await (await dragFiles(page, page.getByRole('tabpanel'), [join(folder, 'os-1.mender')])).drop()
  const inspector = page.getByRole('complementary', { name: 'os-1' })
  await expect(inspector).toContainText('signed by a key that is not here')
  await expect(inspector).toContainText('Depends on groups')
  await inspector
    .getByRole('button', { name: /copy the checksum$/ })
    .first()
    .click()
  await expect.poll(clipboard).toMatch(/^[0-9a-f]{64}$/)
  await inspector.getByText('ArtifactInstall_Enter_00_check').click()
  await expect(inspector).toContainText('df /data')
  await inBothThemes(bench, 'inspector')

  await inspector.getByRole('tab', { name: 'Overview' }).focus()
  await page.keyboard.press('ArrowRight')
  const top = inspector.getByRole('listbox', { name: 'Files in /', exact: true })
  await expect(top.getByRole('option', { name: /^etc/ })).toBeVisible()
  await top.focus()
  await page.keyboard.press('ArrowDown')
  await expect(top.locator('[aria-selected=true]')).toContainText('etc/')
  await page.keyboard.press('Enter')
  const etc = inspector.getByRole('listbox', { name: 'Files in /etc' })
  // Also before its entries are there.
  await page.keyboard.press('ArrowDown')
  await expect(etc).toBeFocused()
  await expect(etc.locator('[aria-selected=true]')).toContainText('mender/')
  await page.keyboard.press('Enter')
  const mender = inspector.getByRole('listbox', { name: 'Files in /etc/mender' })
  await expect(mender).toBeFocused()
  await expect(mender.getByRole('option', { name: /^mender.conf/ })).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await expect(inspector.getByRole('region', { name: 'Content of mender.conf' })).toContainText('"ServerURL": "https://bench.lan:8443"')
  await inBothThemes(bench, 'inspector-files')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Backspace')
  await expect(top).toBeFocused()
})
