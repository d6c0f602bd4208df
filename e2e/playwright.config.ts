import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results/e2e',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // Each journey starts an app, an engine and four boards: one at a time keeps the figures honest.
  workers: 1,
  forbidOnly: true,
  reporter: [['list']],
  use: { trace: 'retain-on-failure' },
})
