import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const here = import.meta.dirname

// Packages from npm stay outside the bundles of main and engine; preload and renderer carry what they use.
export default defineConfig({
  main: {
    build: {
      rolldownOptions: {
        input: {
          index: resolve(here, 'src/main/index.ts'),
          engine: resolve(here, 'src/main/engine.ts'),
          cli: resolve(here, 'src/main/cli.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      rolldownOptions: {
        input: { index: resolve(here, 'src/preload/index.ts') },
        // A sandboxed preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(here, 'src/renderer'),
    resolve: { alias: { '@contract': resolve(here, 'src/main/contract') } },
    plugins: [react()],
    build: {
      assetsInlineLimit: 0,
      minify: true,
      // Read from disk, not over a network: one file is as good as many.
      chunkSizeWarningLimit: 1500,
      rolldownOptions: { input: resolve(here, 'src/renderer/index.html') },
    },
  },
})
