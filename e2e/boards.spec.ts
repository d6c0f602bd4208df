import { cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { KEPT_PACKAGES } from '../src/main/engine/boards/boards.cases.ts'
import { startApp, test as base } from './app.ts'
import { offences } from './axe.ts'

const root = join(import.meta.dirname, '..')

/** A data folder with the packages that are kept, as a bench has it that has made a board before. */
const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-boards-'))
    const isKept = await stat(KEPT_PACKAGES).catch(() => null)
    await mkdir(join(folder, 'data', 'boards'), { recursive: true })
    if (isKept !== null) await cp(KEPT_PACKAGES, join(folder, 'data', 'boards', '.packages'), { recursive: true })
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

async function inBothThemes(page: Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.screenshot({ path: join(root, 'test-results', 'pictures', `${name}-${scheme}.png`) })
    expect(await offences(page), `${name}, ${scheme}`).toEqual([])
  }
}

async function opened(folder: string, environment: Record<string, string> = {}) {
  const electron = await startApp(folder, { environment })
  const page = await electron.firstWindow()
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('button', { name: /^Use my hardware/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Add virtual board…' }).click()
  return {
    page,
    dialog: page.getByRole('dialog', { name: 'Add virtual board' }),
    async [Symbol.asyncDispose]() {
      // What a test leaves going on is not asked about.
      await electron.evaluate(({ dialog }) => void Object.assign(dialog, { showMessageBox: () => Promise.resolve({ response: 1 }) }))
      await electron.close()
    },
  }
}

test('where QEMU is not installed, the form says so with the remedy, and is there again', async ({ folder }) => {
  await using app = await opened(folder, { PATH: join(folder, 'nothing') })
  const { page, dialog } = app
  await inBothThemes(page, 'board-form')
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Not A Name')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await expect(dialog.locator('input:invalid')).toHaveCount(1)
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('lab-1')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await expect(dialog.getByRole('alert')).toContainText(/qemu-system-aarch64 is not installed.*Install it/, { timeout: 30_000 })
  await inBothThemes(page, 'board-no-qemu')
  await dialog.getByRole('button', { name: 'Back' }).click()
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toBeVisible()
})

test('a virtual board is made, is a card on the bench, speaks in the console dock, and is OFF when its power is cut', async ({
  folder,
}) => {
  test.setTimeout(480_000)
  await using app = await opened(folder)
  const { page, dialog } = app
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('lab-1')
  await dialog.getByRole('button', { name: 'Make it' }).click()
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeVisible()
  await inBothThemes(page, 'board-making')
  await dialog.getByRole('button', { name: 'Done' }).click({ timeout: 300_000 })

  const card = page.locator('article', { hasText: 'lab-1' })
  await expect(card).toContainText('virtual')
  await expect(card).toContainText('runs')
  const menu = card.getByRole('button', { name: 'More for lab-1' })
  await menu.click()
  await expect(page.getByRole('menuitem', { name: 'Power on' })).toBeDisabled()
  await page.getByRole('menuitem', { name: 'Console', exact: true }).click()
  await expect(page.getByRole('tab', { name: 'lab-1' })).toBeVisible()
  await expect(page.locator('.xterm-rows')).toContainText(/\S/, { timeout: 120_000 })
  await card.getByRole('button', { name: 'lab-1', exact: true }).click()
  await expect(page.getByRole('complementary')).toContainText('client says')
  await inBothThemes(page, 'board-on')

  await menu.click()
  await page.getByRole('menuitem', { name: 'Cut the power' }).click()
  await expect(card).toHaveAccessibleName(/^lab-1, off, /, { timeout: 30_000 })
  await expect(page.getByRole('tab', { name: 'lab-1 · off' })).toBeVisible()
  await inBothThemes(page, 'board-off')
})
