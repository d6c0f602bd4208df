import { mkdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { command } from './command.ts'
import { type App, test as base } from './journey.ts'
import { inBothThemes } from './axe.ts'
import { dragFiles } from './files.ts'

/** The virtual bench is not built before that is let: until then it runs for whoever looks, however late. */
const test = base.extend<{ letBuild: () => void }>({
  letBuild: async ({}, use, testInfo) => {
    const folder = testInfo.outputPath('bin')
    mkdirSync(folder, { recursive: true })
    const waiting = `#!/bin/sh\nuntil [ -e '${folder}/go' ]; do sleep 0.1; done\nexec /usr/sbin/mke2fs "$@"\n`
    writeFileSync(join(folder, 'mke2fs'), waiting, { mode: 0o755 })
    await use(() => writeFileSync(join(folder, 'go'), ''))
  },
  given: async ({ given }, use, testInfo) => {
    await use({ ...given, environment: { PATH: `${testInfo.outputPath('bin')}:${process.env['PATH']}` } })
  },
})

/** Closes the window, lets it go on, and answers what was asked. */
function tryToQuit({ electron }: App): Promise<string> {
  return electron.evaluate(
    ({ BrowserWindow, dialog }) =>
      new Promise<string>((resolve) => {
        Object.assign(dialog, {
          showMessageBox: (_window: unknown, { message, detail }: { message: string; detail: string }) => {
            resolve(`${message}\n${detail}`)
            return Promise.resolve({ response: 0 })
          },
        })
        BrowserWindow.getAllWindows()[0]?.close()
      }),
  )
}

test('all long work is in one place: it shows its steps, is asked about before quitting, stopped, and started again', async ({
  app,
  letBuild,
}, testInfo) => {
  const { page, electron } = app
  mkdirSync(testInfo.outputDir, { recursive: true })
  await writeFile(join(testInfo.outputDir, 'bad.mender'), 'nothing')
  await page.getByRole('button', { name: /^Jobs/ }).click()
  await expect(page.getByText('No jobs yet')).toBeVisible()
  await inBothThemes(app, 'jobs-empty')

  // What runs: the virtual bench builds its root file systems.
  await command(page, 'start the virtual bench')
  await page.keyboard.press('Control+5')
  const running = page.getByRole('list', { name: 'Running jobs' })
  await expect(running).toContainText('Start the virtual bench')
  await expect(page.getByRole('contentinfo').getByRole('button', { name: /^Start the virtual bench/ })).toBeVisible()
  await app.picture('jobs-running')
  expect(await tryToQuit(app)).toMatch(/^Stop this and quit\?\nStart the virtual bench: /)
  await running.getByRole('button', { name: 'Cancel: Start the virtual bench' }).click()
  const ended = page.getByRole('listbox', { name: 'Jobs' })
  await expect(ended.getByRole('option').first()).toContainText('CANCELLED')

  // Started again by its key, it goes through.
  await ended.focus()
  await page.keyboard.press('Home')
  const inspector = page.getByRole('complementary')
  await expect(inspector.getByRole('button', { name: 'Start again' })).toBeVisible()
  await inBothThemes(app, 'jobs-cancelled')
  letBuild()
  await page.keyboard.press('r')
  await expect(ended.getByRole('option').first()).toContainText('DONE')
  await expect(page.getByText('2 jobs, 0 running')).toBeVisible()

  // What fails is told by the desktop while one looks elsewhere, and a click leads to it.
  await electron.evaluate(({ BrowserWindow, Notification }) => {
    const window = BrowserWindow.getAllWindows()[0]
    Object.assign(window ?? {}, { isFocused: () => false })
    Object.assign(Notification, { isSupported: () => true })
    Notification.prototype.show = function (this: Electron.Notification) {
      if (this.title.startsWith('Add bad.mender')) setTimeout(() => this.emit('click'), 500)
    }
  })
  await page.getByRole('button', { name: /^Artifacts/ }).click()
  await (await dragFiles(page, page.getByRole('tabpanel'), [join(testInfo.outputDir, 'bad.mender')])).drop()
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  await expect(inspector).toContainText('ARTIFACT_INVALID')
  await page.getByLabel('Filter jobs').fill('artifact_invalid')
  await expect(ended.getByRole('option')).toHaveCount(1)
  await inBothThemes(app, 'jobs-failed')
})
