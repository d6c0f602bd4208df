import { once } from 'node:events'
import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { killEngine } from './kill-engine.ts'
import { startVirtualBench } from './virtual-bench.ts'

test('a killed engine is shown with a restart, and the bench comes back as it was', async ({ app }) => {
  const { page, electron, picture } = app
  await startVirtualBench(page)
  await page.getByRole('searchbox', { name: 'Filter devices' }).fill('virtual')

  killEngine(electron)

  const notice = page.getByRole('alert').filter({ hasText: 'ENGINE_STOPPED' })
  await expect(notice).toBeVisible()
  await expect(page.locator('article')).toHaveCount(4)
  await picture('engine-stopped')
  await notice.getByRole('button', { name: 'Restart engine' }).click()

  await expect(notice).toBeHidden()
  await expect(page.getByText('Server running')).toBeVisible()
  await expect(page.locator('article')).toHaveCount(4)
  await expect(page.getByRole('searchbox', { name: 'Filter devices' })).toHaveValue('virtual')
})

test('a window whose engine is gone can be closed, and the program ends', async ({ app: { electron, page } }) => {
  killEngine(electron)
  await expect(page.getByRole('alert').filter({ hasText: 'ENGINE_STOPPED' })).toBeVisible()
  const ended = once(electron.process(), 'exit')
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  await ended
})
