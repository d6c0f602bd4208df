import { resolve } from 'node:path'
import { lingui } from '@lingui/vite-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'
import { fewChunks } from './scripts/few-chunks.ts'

const here = import.meta.dirname

/** Moves the style sheets behind the frame's outline, which is painted without them, and before the page, whose own styles come later. */
const outlineFirst: Plugin = {
  name: 'outline-first',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => {
      const sheets = html.match(/^ *<link rel="stylesheet".*\n/gm) ?? []
      return sheets.reduce((text, sheet) => text.replace(sheet, '').replace('    <div id="root">', `${sheet}    <div id="root">`), html)
    },
  },
}

// English stays in the code, so that it is right whatever the catalogue has.
const texts = lingui({ macroTransform: { macro: { descriptorFields: 'message' } } })

// Most packages from npm stay outside the bundles of main and engine; preload and renderer carry what they use.
// Those that every command line loads are bundled, and those that every engine loads: zod alone is a hundred files of which a tenth is
// needed, the server's together some three hundred that would be looked for one by one.
const ALWAYS_LOADED = ['zod', 'commander', '@orpc/contract', '@orpc/client', '@orpc/server']
const SERVED_WITH = ['fastify', '@fastify/multipart', '@fastify/websocket', 'ws', '@msgpack/msgpack', '@peculiar/x509', 'reflect-metadata']

const chunks = fewChunks(resolve(here, 'src/main'))

export default defineConfig({
  main: {
    resolve: { alias: { '@texts': resolve(here, 'src/texts'), '@language': resolve(here, 'src/texts/i18n.ts') } },
    plugins: [texts, chunks.plugin],
    build: {
      externalizeDeps: { exclude: [...ALWAYS_LOADED, ...SERVED_WITH] },
      rolldownOptions: {
        input: {
          index: resolve(here, 'src/main/index.ts'),
          engine: resolve(here, 'src/main/engine.ts'),
          cli: resolve(here, 'src/main/cli.ts'),
          writer: resolve(here, 'src/main/writer.ts'),
          opener: resolve(here, 'src/main/opener.ts'),
          checkpoint: resolve(here, 'src/main/checkpoint.ts'),
          search: resolve(here, 'src/main/search.ts'),
        },
        output: { codeSplitting: { groups: chunks.groups } },
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
    resolve: {
      alias: {
        '@contract': resolve(here, 'src/main/contract'),
        '@texts': resolve(here, 'src/texts'),
        '@language': resolve(here, 'src/renderer/language.ts'),
      },
    },
    plugins: [texts, react(), outlineFirst],
    build: {
      assetsInlineLimit: 0,
      minify: true,
      // Read from disk, not over a network: one file is as good as many.
      chunkSizeWarningLimit: 1500,
      rolldownOptions: { input: resolve(here, 'src/renderer/index.html') },
    },
  },
})
