import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { basename, dirname } from 'node:path'
import { type Locator, type Page, expect } from '@playwright/test'
import { cliPath, nodePath } from './app.ts'
import type { App, Bench } from './journey.ts'

/** Runs the built command line in a folder. */
export function otabench(words: readonly string[], cwd = '/'): void {
  execFileSync(nodePath, [cliPath, ...words], { cwd, stdio: 'pipe' })
}

/** Devices in a process of their own, which know nothing of the bench but the address of its server. */
export function startDevices(server: string, folder: string, count = 1): ChildProcess {
  const words = ['sim', '--count', String(count), '--poll', '1', '--server', server, '--data', folder]
  return spawn(nodePath, [cliPath, ...words], { stdio: 'ignore' })
}

/** What the shell's dialogs answer from now on. */
export async function choose(app: Pick<App, 'electron'>, paths: { open?: string | string[]; save?: string }): Promise<void> {
  await app.electron.evaluate(({ dialog }, { open = [], save }) => {
    Object.assign(dialog, {
      showOpenDialog: () => Promise.resolve({ canceled: false, filePaths: [open].flat() }),
      showSaveDialog: () => Promise.resolve({ canceled: false, filePath: save }),
    })
  }, paths)
}

/** The page's own dialog, which a browser chooses files of the machine of the bench with, at a folder. */
async function chooserAt(page: Page, folder: string): Promise<{ dialog: Locator; files: Locator }> {
  const line = page.getByRole('textbox', { name: 'Folder on the machine of the bench' })
  const dialog = page.getByRole('dialog').filter({ has: line })
  // The first folder's path would come between the choosing of what is there and the typing over it.
  await expect(line).toHaveValue(/./)
  await line.fill(folder)
  await line.press('Enter')
  const files = dialog.getByRole('listbox', { name: `Files in ${folder}`, exact: true })
  await expect(files).toBeVisible()
  return { dialog, files }
}

/** Answers that dialog. */
export async function chooseInPage(page: Page, path: Parameters<Bench['choose']>[0]): Promise<void> {
  const whole = Object.values(path).join('')
  const { dialog, files } = await chooserAt(page, 'folder' in path ? whole : dirname(whole))
  if ('open' in path) await files.getByRole('option', { name: basename(whole) }).click()
  if ('save' in path) await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill(basename(whole))
  await dialog.getByRole('button', { name: /^(Choose|Save|Replace)$/ }).click()
  await expect(dialog).toBeHidden()
}

/** Answers that dialog with a file of the browser's own computer, which is uploaded into a folder. */
export async function bringInPage(page: Page, file: string, into: string): Promise<void> {
  const { dialog } = await chooserAt(page, into)
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: 'Upload…' }).click()
  await (await chooser).setFiles(file)
  await expect(dialog).toBeHidden()
}

/** Drags files of the disk over an element; `drop` lets go of them, by default where they are. Only a file that was chosen in an input has a path. */
export async function dragFiles(page: Page, target: Locator, files: readonly string[]): Promise<{ drop: (on?: Locator) => Promise<void> }> {
  await page.evaluate(() => {
    document.querySelector('#dropped')?.remove()
    document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'dropped', multiple: true }))
  })
  await page.locator('#dropped').setInputFiles([...files])
  const dataTransfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    for (const file of document.querySelector<HTMLInputElement>('#dropped')?.files ?? []) transfer.items.add(file)
    return transfer
  })
  await target.dispatchEvent('dragover', { dataTransfer })
  return {
    drop: async (on = target) => {
      await on.dispatchEvent('drop', { dataTransfer })
      await page.evaluate(() => document.querySelector('#dropped')?.remove())
    },
  }
}

/** Makes a virtual drive by its form. */
export async function makeDrive(page: Page, name: string, choices: Readonly<Record<string, RegExp>>): Promise<void> {
  await page.getByRole('button', { name: 'Virtual drive…' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Virtual drive' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
  for (const [label, choice] of Object.entries(choices)) {
    await dialog.getByRole('combobox', { name: label }).click()
    await page.getByRole('option', { name: choice }).click()
  }
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await expect(dialog).toBeHidden()
}

/** Flashes the chosen image to a virtual drive, over whatever is on it. */
export async function flashTo(page: Page, name: string): Promise<void> {
  await page.getByRole('checkbox', { name: `virtual ${name}` }).check()
  await page.getByRole('button', { name: /^Erase 1 virtual drive/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Erase 1/ })
    .click()
}
