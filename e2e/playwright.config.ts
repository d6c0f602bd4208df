import { defineConfig } from '@playwright/test'
import { BROWSER_ONLY, desktopFiles, desktopTitles } from './desktop-only.ts'
import type { Where } from './journey.ts'

export default defineConfig<object, { where: Where }>({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results/e2e',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // Each journey starts an engine and four boards: one at a time keeps the figures honest.
  workers: 1,
  forbidOnly: true,
  reporter: [['list']],
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'app', testIgnore: BROWSER_ONLY, use: { where: 'app' } },
    { name: 'chromium', testIgnore: desktopFiles, grepInvert: desktopTitles, use: { where: 'chromium' } },
  ],
})
