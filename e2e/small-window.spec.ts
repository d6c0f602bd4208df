import { expect } from '@playwright/test'
import { test } from './journey.ts'
import { startVirtualBench } from './virtual-bench.ts'

test('each entry of the rail has its words, which its name begins with', async ({ app: { page } }) => {
  const entries = page.getByRole('navigation', { name: 'Places' }).getByRole('button')
  await expect(entries).toContainText([
    'Search',
    'Bench',
    'Artifacts',
    'Flash',
    'Deployments',
    'Jobs',
    'Activity',
    'Settings',
    'Shortcuts',
    'Theme',
  ])
  const theme = page.getByRole('button', { name: /^Theme/ })
  await expect(theme).toHaveAccessibleName("Theme: the system's")
  await theme.press('Enter')
  await expect(theme).toHaveAccessibleName('Theme: light')
  // Beside open consoles too.
  await page.keyboard.press('Control+`')
  await expect(page.getByRole('region', { name: 'Consoles' })).toBeVisible()
  await expect(theme).toBeInViewport({ ratio: 1 })
})

test('in a small window at 200 % everything of the header can be reached', async ({ app }) => {
  const { page, electron, picture } = app
  await startVirtualBench(page)
  await page.setViewportSize({ width: 900, height: 600 })
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(2))
  await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(450)
  const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  await expect.poll(beyond).toBeLessThanOrEqual(0)
  await expect(page.getByRole('button', { name: 'Add hardware' })).toBeInViewport({ ratio: 1 })
  await picture('small-window')
  const settings = page.getByRole('button', { name: 'Settings', exact: true })
  await settings.focus()
  await expect(settings).toBeInViewport({ ratio: 0.9 })
  await page.keyboard.press('Enter')
  await picture('small-settings')
  await page.getByRole('button', { name: /^Activity/ }).click()
  const log = page.getByRole('listbox', { name: 'Audit log' })
  await expect(log.getByRole('option').first()).toBeVisible()
  await log.focus()
  await page.keyboard.press('End')
  await expect(page.getByRole('complementary')).toBeVisible()
  await picture('small-activity')
  await expect.poll(beyond).toBeLessThanOrEqual(0)
})
