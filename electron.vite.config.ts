import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const here = import.meta.dirname

// The contract is small and pure: it is bundled wherever it is used. Everything else from npm stays outside the bundles of main and
// engine (Node 24 loads it from node_modules), except what Electron's own, older Node needs at start: one file is read faster than forty.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
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
      outDir: 'out/preload',
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
      outDir: resolve(here, 'out/renderer'),
      assetsInlineLimit: 0,
      rolldownOptions: { input: resolve(here, 'src/renderer/index.html') },
    },
  },
})
