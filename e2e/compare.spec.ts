import { execFileSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { type Bench, test } from './journey.ts'
import { inBothThemes, offences } from './axe.ts'
import { dragFiles, otabench } from './files.ts'

/** Two versions of a small system, as artifacts: thousands of files added, a text, a mode and a script changed. */
async function writeVersions(folder: string): Promise<[string, string]> {
  const tree = join(folder, 'tree')
  await mkdir(join(tree, 'etc'), { recursive: true })
  await mkdir(join(tree, 'usr/share/icons'), { recursive: true })
  const image = (name: string): void => {
    execFileSync('/usr/sbin/mke2fs', ['-q', '-F', '-t', 'ext4', '-N', '8192', '-d', tree, join(folder, name), '32M'], { stdio: 'ignore' })
  }
  const write = (name: string, more: readonly string[]): string => {
    const words = [
      'artifact',
      'write',
      'rootfs-image',
      '-f',
      `${name}.ext4`,
      '-n',
      name,
      '-t',
      'board',
      '-s',
      'ArtifactInstall_Enter_00_check',
    ]
    otabench([...words, ...more, '-o', `${name}.mender`], folder)
    return join(folder, `${name}.mender`)
  }
  const script = join(folder, 'ArtifactInstall_Enter_00_check')
  await writeFile(join(tree, 'etc/app.conf'), '[server]\nport = 80\nname = bench\n\n[log]\nlevel = info\n')
  await writeFile(join(tree, 'etc/tool'), '#!/bin/sh\n')
  await writeFile(join(tree, 'etc/old'), 'gone soon\n')
  await writeFile(script, '#!/bin/sh\n# room for the image\ndf /data\nexit 0\n')
  image('os-1.ext4')
  const first = write('os-1', ['-d', 'bootloader:2024.01'])
  await writeFile(join(tree, 'etc/app.conf'), '[server]\nport = 8080\nname = bench\n\n[log]\nlevel = info\nfile = /var/log/app\n')
  await chmod(join(tree, 'etc/tool'), 0o755)
  execFileSync('rm', [join(tree, 'etc/old')])
  for (let index = 0; index < 3000; index++)
    await writeFile(join(tree, `usr/share/icons/icon-${String(index).padStart(4, '0')}`), `${index}`)
  await writeFile(script, '#!/bin/sh\n# room for the image\ndf /data | grep -q 512M || exit 1\nexit 0\n')
  image('os-2.ext4')
  return [first, write('os-2', ['-d', 'bootloader:2025.04', '-p', 'channel:beta', '-t', 'board-b', '--compression', 'zstd_fast'])]
}

/** Adds artifacts by dropping them on the library. */
async function add({ page }: Bench, files: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  const { drop } = await dragFiles(page, page.getByRole('tabpanel'), files)
  await drop()
}

test('two artifacts are compared down to the lines of a file, by keyboard', async ({ bench }, testInfo) => {
  const { page, picture } = bench
  await mkdir(testInfo.outputPath(''), { recursive: true })
  await add(bench, await writeVersions(testInfo.outputPath('')))
  const rows = page.getByRole('grid', { name: 'Artifacts' }).locator('[data-artifact]')
  await expect(rows).toHaveCount(2)
  await picture('library')
  await rows.first().focus()
  await page.keyboard.press(' ')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press(' ')
  await expect(page.getByRole('group', { name: 'Marked artifacts' })).toContainText('2 marked')
  await inBothThemes(bench, 'library-marked')
  await page.keyboard.press('c')

  const panel = page.getByRole('tabpanel')
  await expect(panel).toContainText('bootloader')
  await expect(panel).toContainText('board, board-b')
  await inBothThemes(bench, 'compare-overview')
  await page.getByRole('button', { name: 'Make delta…' }).focus()
  await page.keyboard.press('Enter')
  const delta = page.getByRole('dialog', { name: 'Make a delta' })
  await expect(delta).toContainText('for devices that run os-1')
  await inBothThemes(bench, 'compare-delta')
  await delta.getByRole('button', { name: 'Make the delta' }).press('Enter')
  await expect(delta.getByRole('status')).toContainText(/instead of .*(less to send|saves nothing)/)
  await picture('compare-delta-made')
  await page.keyboard.press('Escape')
  await expect(delta).toBeHidden()

  await page.getByRole('tab', { name: 'Overview' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(panel).toContainText('+df /data | grep -q 512M || exit 1')
  await inBothThemes(bench, 'compare-scripts')

  await page.getByRole('tab', { name: 'State scripts' }).focus()
  await page.keyboard.press('ArrowRight')
  const files = page.getByRole('listbox', { name: 'Files that differ' })
  await expect(files.getByRole('option').first()).toHaveAttribute('aria-setsize', /^30\d\d$/)
  expect(await files.getByRole('option').count(), 'rows drawn').toBeLessThan(80)
  await files.focus()
  await page.keyboard.press('End')
  await expect(files.locator('[aria-selected=true]')).toContainText('icon-2999')
  await page.keyboard.press('Home')
  await page.getByRole('searchbox', { name: 'Search the files' }).fill('app.conf')
  await expect(files.getByRole('option')).toHaveCount(1)
  await expect(panel).toContainText('+port = 8080')
  await page.getByRole('checkbox', { name: '2 changed' }).uncheck()
  await expect(panel).toContainText('No file fits')
  await page.getByRole('checkbox', { name: '2 changed' }).check()
  await page.getByRole('searchbox', { name: 'Search the files' }).fill('etc/')
  await expect(panel).toContainText('mode 0644 → 0755')
  await inBothThemes(bench, 'compare-files')

  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(rows).toHaveCount(3)
  await expect(page.locator('[data-artifact]:focus')).toHaveCount(1)
})

test('files that are dropped are compared without being added; one and the same is called so, and a broken one is refused', async ({
  app,
}, testInfo) => {
  const { page, picture } = app
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
  otabench(['artifact', 'write', 'module-image', '-T', 'script', '-n', 'one', '-t', 'board', '-f', 'run.sh', '-o', 'one.mender'], folder)
  await writeFile(join(folder, 'broken.mender'), 'nothing')
  const [one, broken] = [join(folder, 'one.mender'), join(folder, 'broken.mender')]
  const panel = page.getByRole('tabpanel')
  const { drop } = await dragFiles(page, panel, [one, broken])
  await picture('library-drop')
  await drop(page.getByText('Compare the two'))
  await expect(page.getByRole('heading', { level: 2 })).toContainText('artifact ends at byte 7')
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await picture('compare-failed')
  expect(await offences(page), 'failed').toEqual([])
  await page.getByRole('button', { name: 'Back to the library' }).click()
  await expect(page.getByRole('heading', { name: 'No artifacts' })).toBeVisible()

  execFileSync('truncate', ['-s', '64M', join(folder, 'empty.img')])
  otabench(['artifact', 'write', 'rootfs-image', '-n', 'empty', '-t', 'board', '-f', 'empty.img', '-o', 'empty.mender'], folder)
  const expanding = await dragFiles(page, panel, [one, join(folder, 'empty.mender')])
  await expanding.drop(page.getByText('Compare the two'))
  await expect(page.getByRole('heading', { level: 2 })).toContainText(/times the .* that it is stored in/)
  await picture('compare-expands')
  expect(await offences(page), 'expands').toEqual([])
  await page.getByRole('button', { name: 'Compare anyway' }).click()
  await expect(panel).toContainText('rootfs-image')
  await page.getByRole('button', { name: 'Back to the library' }).click()

  await (await dragFiles(page, panel, [one])).drop()
  const inspector = page.getByRole('complementary', { name: 'one' })
  await inspector.getByRole('button', { name: 'Compare with…' }).click()
  await picture('compare-choose')
  await page.getByRole('combobox', { name: 'After' }).click()
  await page.getByRole('option', { name: 'one (board)' }).click()
  await expect(page.getByRole('heading', { name: 'The same content' })).toBeVisible()
  await picture('compare-same')
})
