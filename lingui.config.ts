import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type ExtractorType } from '@lingui/conf'
import { formatter } from '@lingui/format-po'
import { createSwcExtractor } from '@lingui/native-tools'
import { TERMS } from './src/main/contract/glossary.ts'

/** What the words mean: the command line says it too, and has no catalogue. */
const glossary: ExtractorType = {
  match: (file) => file.endsWith('src/main/contract/glossary.ts'),
  extract(file, _code, found) {
    for (const { name, means } of TERMS) found({ id: `glossary.${name}`, message: means, origin: [file, 1], placeholders: {} })
  },
}

/** One file of texts for each language; `npm run texts` makes the English one from the code. In en-XA every text is marked, and nothing is kept. */
export default defineConfig({
  locales: readdirSync(join(import.meta.dirname, 'src/texts')).flatMap((name) => (name.endsWith('.po') ? [name.slice(0, -3)] : [])),
  sourceLocale: 'en',
  pseudoLocale: 'en-XA',
  catalogs: [
    {
      path: 'src/texts/{locale}',
      include: ['src/renderer', 'src/main/electron', 'src/main/contract/glossary.ts'],
      exclude: ['**/*.test.*', '**/*.cases.*'],
    },
  ],
  format: formatter({ lineNumbers: false }),
  orderBy: 'message',
  extractors: [glossary, createSwcExtractor()],
  runtimeConfigModule: { i18n: ['@language', 'i18n'] },
})
