import { join } from 'node:path'
import { lingui } from '@lingui/vite-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [lingui({ macroTransform: true })],
  resolve: {
    alias: {
      '@contract': join(import.meta.dirname, 'src/main/contract'),
      '@texts': join(import.meta.dirname, 'src/texts'),
      '@language': join(import.meta.dirname, 'src/texts/i18n.ts'),
    },
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts', 'e2e/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // no test may fail because the machine is busy
    testTimeout: 300_000,
    hookTimeout: 300_000,
    restoreMocks: true,
    // TMPDIR of a run is one folder, which goes away with it
    globalSetup: 'scripts/test-folder.ts',
  },
})
