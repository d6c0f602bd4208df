import { execFileSync } from 'node:child_process'
import { expect } from '@playwright/test'
import { test } from './app.ts'

test('a killed engine is shown with a restart, and the bench comes back as it was', async ({ app }) => {
  const { page, electron, picture } = app
  await page.getByRole('button', { name: /^Start virtual bench/ }).click()
  await expect(page.locator('article')).toHaveCount(4, { timeout: 60_000 })
  await page.getByRole('searchbox', { name: 'Filter devices' }).fill('virtual')

  const main = electron.process().pid ?? 0
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(main)], { encoding: 'utf8' })
  const engine = children.split('\n').find((line) => line.includes('engine.js'))
  process.kill(Number.parseInt(engine ?? '', 10), 'SIGKILL')

  const notice = page.getByRole('alert').filter({ hasText: 'ENGINE_STOPPED' })
  await expect(notice).toBeVisible()
  await expect(page.locator('article')).toHaveCount(4)
  await picture('engine-stopped')
  await notice.getByRole('button', { name: 'Restart engine' }).click()

  await expect(notice).toBeHidden({ timeout: 30_000 })
  await expect(page.getByText('Server running')).toBeVisible()
  await expect(page.locator('article')).toHaveCount(4)
  await expect(page.getByRole('searchbox', { name: 'Filter devices' })).toHaveValue('virtual')
})
