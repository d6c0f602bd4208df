import { defineConfig } from '@playwright/test'
import { BROWSER_ONLY, desktopFiles, desktopTitles } from './desktop-only.ts'
import type { Where } from './journey.ts'

export default defineConfig<object, { where: Where }>({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results/e2e',
  timeout: 300_000,
  expect: {
    // About as long as a journey may take, and shorter, so that it is said what was waited for.
    timeout: 240_000,
    // Of a million points. Edges of letters are told from the rest; a colour differs when somebody who holds the two side by side can see it.
    toHaveScreenshot: { maxDiffPixels: 150, threshold: 0.02 },
  },
  snapshotPathTemplate: '{testDir}/pictures/{arg}{ext}',
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
