import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { _electron, expect, test } from '@playwright/test'
import { offences } from './axe.ts'
import { dragFiles, otabench } from './files.ts'

const root = join(import.meta.dirname, '..')

/** Starts `otabench serve --ui`; answers the address of its page, once it is printed. */
async function serve(folder: string): Promise<{ server: ChildProcess; url: string }> {
  const words = [join(root, 'out', 'main', 'cli.js'), 'serve', '--ui', '--http', '127.0.0.1:0', '--data', join(folder, 'data')]
  const server = spawn(process.env.OTABENCH_NODE ?? process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  await expect.poll(() => said, { timeout: 20_000 }).toMatch(/http:\S+#token=\S+/)
  return { server, url: /http:\S+#token=\S+/.exec(said)?.[0] ?? '' }
}

test('in a browser artifacts are added by upload and saved by download, and what is refused says why', async ({}, testInfo) => {
  const folder = testInfo.outputPath('')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'run.sh'), '#!/bin/sh\n')
  await writeFile(join(folder, 'broken.mender'), 'nothing')
  const words = ['artifact', 'write', 'module-image', '-T', 'script', '-t', 'board', '-f', 'run.sh']
  for (const name of ['one', 'two']) otabench([...words, '-n', name, '-o', `${name}.mender`], folder)
  const { server, url } = await serve(folder)
  const saved = join(folder, 'saved.mender')
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  const browser = await _electron.launch({
    executablePath: process.env.OTABENCH_ELECTRON ?? join(root, '.tools', 'electron', 'electron'),
    args: [join(import.meta.dirname, 'browser.mjs'), `--user-data-dir=${join(folder, 'browser')}`],
    env: { ...environment, OTABENCH_URL: url, OTABENCH_DOWNLOAD: saved },
  })
  try {
    const page = await browser.firstWindow()
    await page.getByRole('button', { name: /^Artifacts/ }).click()
    await expect(page.getByRole('button', { name: 'New artifact…' })).toBeHidden()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Add…' }).click()
    await (await chooser).setFiles([join(folder, 'one.mender')])
    const inspector = page.getByRole('complementary', { name: 'one' })
    await expect(inspector).toContainText('run.sh')
    await (await dragFiles(page, page.getByRole('tabpanel'), [join(folder, 'two.mender')])).drop()
    await expect(page.locator('[data-artifact]')).toHaveCount(2)

    await (await dragFiles(page, page.getByRole('tabpanel'), [join(folder, 'broken.mender')])).drop()
    await expect(page.getByRole('alert')).toContainText(/broken.mender: artifact ends at byte 7/)
    await page.screenshot({ path: join(root, 'test-results', 'pictures', 'browser.png') })
    expect(await offences(page)).toEqual([])

    await page.locator('[data-artifact]', { hasText: 'one' }).click()
    await inspector.getByRole('button', { name: 'More for one' }).click()
    await page.getByRole('menuitem', { name: 'Download' }).click()
    await expect.poll(() => readFile(saved).catch(() => null), { timeout: 20_000 }).toEqual(await readFile(join(folder, 'one.mender')))
    await page.locator('[data-artifact]').first().focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.press('c')
    await expect(page.getByRole('tabpanel')).toContainText('artifact name')
  } finally {
    await browser.close()
    server.kill()
  }
})
