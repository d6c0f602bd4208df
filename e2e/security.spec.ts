import { expect } from '@playwright/test'
import { test } from './app.ts'

test('the page has no Node, reaches nothing but itself, and cannot be led away', async ({ app }) => {
  const { page } = app
  const found = await page.evaluate(async () => ({
    require: typeof Reflect.get(globalThis, 'require'),
    process: typeof Reflect.get(globalThis, 'process'),
    opened: window.open('https://example.org') === null,
    fetched: await fetch('http://127.0.0.1:1/').then(
      () => 'answered',
      () => 'refused',
    ),
    evaluated: await new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective))
      const script = document.createElement('script')
      script.textContent = 'document.title = "taken"'
      document.head.append(script)
    }),
  }))
  expect(found).toEqual({
    require: 'undefined',
    process: 'undefined',
    opened: true,
    fetched: 'refused',
    evaluated: expect.stringContaining('connect-src'),
  })
  await page.evaluate(() => {
    window.location.href = 'https://example.org/'
  })
  // The window's own word for where it is: Playwright waits for a navigation that never ends.
  const url = await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL())
  expect(url).toBe('app://bench/index.html')
})
