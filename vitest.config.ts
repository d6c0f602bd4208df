import { join } from 'node:path'
import { lingui } from '@lingui/vite-plugin'
import { defineConfig, type Plugin } from 'vitest/config'

// What a catalogue lacks comes from the English one: its own text does not tell whether what was made of it still holds.
const freshTexts: Plugin = {
  name: 'fresh-texts',
  configureVitest: ({ defineCacheKeyGenerator }) => defineCacheKeyGenerator(({ id }) => (id.endsWith('.po') ? false : null)),
}

export default defineConfig({
  plugins: [lingui({ macroTransform: true }), freshTexts],
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
    expect: { poll: { timeout: 240_000, interval: 20 } },
    restoreMocks: true,
    // TMPDIR of a run is one folder, which goes away with it
    globalSetup: 'scripts/test-folder.ts',
  },
})
