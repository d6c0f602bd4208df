import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { command } from './command.ts'
import { test } from './journey.ts'

const ratio = (page: Page): Promise<number> => page.evaluate(() => window.devicePixelRatio)

test('the window is drawn larger and smaller by keys, also in a dialog, and stays so; what is open at the next start too', async ({
  start,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-zoom-'))
  const environment = {
    HOME: folder,
    XDG_DATA_HOME: join(folder, 'share'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CURRENT_DESKTOP: 'X-Generic',
  }
  let electron = await start(folder, { environment })
  try {
    {
      const page = await electron.firstWindow({ timeout: 0 })
      await expect(page.getByRole('contentinfo').getByRole('button', { name: /^Server running/ })).toBeVisible()
      const before = await ratio(page)
      await page.keyboard.press('Control+=')
      await expect.poll(() => ratio(page)).toBeCloseTo(before * 1.2, 1)
      await page.keyboard.press('Control+Shift++')
      await expect.poll(() => ratio(page)).toBeCloseTo(before * 1.44, 1)
      await page.keyboard.press('Control+0')
      await expect.poll(() => ratio(page)).toBeCloseTo(before, 1)
      await page.keyboard.press('?')
      const sheet = page.getByRole('dialog', { name: 'Shortcuts' })
      await expect(sheet.getByRole('row', { name: /^Larger/ })).toContainText('Ctrl++ or Ctrl+=')
      await expect(sheet.getByRole('row', { name: /^Smaller/ })).toContainText('Ctrl+-')
      await expect(sheet.getByRole('row', { name: /^Normal size/ })).toContainText('Ctrl+0')
      await page.keyboard.press('Control+-')
      await expect.poll(() => ratio(page)).toBeCloseTo(before / 1.2, 1)
      await page.keyboard.press('Escape')
      await expect(sheet).toBeHidden()

      // What else a desktop expects.
      await electron.evaluate(({ shell }) => {
        Object.assign(shell, {
          openPath: async (path: string) => {
            Object.assign(globalThis, { openedPath: path })
            return ''
          },
        })
      })
      await command(page, 'log folder')
      await expect.poll(() => electron.evaluate(() => Reflect.get(globalThis, 'openedPath'))).toBe(join(folder, 'data', 'consoles'))
      const entry = join(folder, 'share', 'applications', 'ota-bench.desktop')
      await command(page, 'mender files with ota')
      await expect(page.getByText('.mender files open here', { exact: true })).toBeVisible()
      expect(existsSync(entry)).toBe(true)
      await command(page, 'leave .mender files')
      await expect(page.getByText('.mender files open here no longer')).toBeVisible()
      expect(existsSync(entry)).toBe(false)
      await page.screenshot({ path: join(import.meta.dirname, '..', 'test-results', 'pictures', 'zoomed-out.png') })
      await electron.close()
    }
    electron = await start(folder, { environment })
    const page = await electron.firstWindow({ timeout: 0 })
    await expect(page.getByRole('contentinfo').getByRole('button', { name: /^Server running/ })).toBeVisible()
    await expect.poll(() => ratio(page)).toBeLessThan(0.9)
    await page.keyboard.press('Control+0')
    await expect.poll(() => ratio(page)).toBeCloseTo(1, 1)
  } finally {
    await electron.close()
    await rm(folder, { recursive: true, force: true })
  }
})
