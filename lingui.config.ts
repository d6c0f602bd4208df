import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { defineConfig, type ExtractorType } from '@lingui/conf'
import { formatter } from '@lingui/format-po'
import { createSwcExtractor } from '@lingui/native-tools'
import type { EngineText } from './scripts/texts/engine-texts.ts'
import { TERMS } from './src/main/contract/glossary.ts'

const root = import.meta.dirname

/** What the words mean: each sentence is its own id, as the command line finds it. */
const glossary: ExtractorType = {
  match: (file) => file.endsWith('src/main/contract/glossary.ts'),
  extract(file, _code, found) {
    for (const { means } of TERMS) found({ id: means, message: means, context: 'glossary', origin: [file, 1], placeholders: {} })
  },
}

const macros = createSwcExtractor()

let read: Promise<EngineText[]> | null = null

/** What the engine and the command line say: they know no catalogue where they speak, so their English sentences are their own ids. */
const engine: ExtractorType = {
  match: (file) => relative(root, file).startsWith(join('src', 'main')),
  async extract(file, code, found, context) {
    read ??= import('./scripts/texts/engine-files.ts').then(({ readEngineTexts }) => readEngineTexts(root))
    for (const { id, template, values, file: origin } of await read)
      if (join(root, origin) === file)
        found({ id, message: template, context: id === template ? 'engine' : 'word', origin: [file, 1], placeholders: { ...values } })
    if (code.includes('@lingui')) await macros.extract(file, code, found, context)
  },
}

/** What the window says itself comes first. */
const order = new Intl.Collator('en-US')

/** One file of texts for each language; `npm run texts` makes the English one from the code. In en-XA every text is marked, and nothing is kept. */
export default defineConfig({
  locales: readdirSync(join(root, 'src/texts')).flatMap((name) => (name.endsWith('.po') ? [name.slice(0, -3)] : [])),
  sourceLocale: 'en',
  pseudoLocale: 'en-XA',
  catalogs: [
    {
      path: 'src/texts/{locale}',
      include: ['src/renderer', 'src/main'],
      exclude: ['**/*.test.*', '**/*.cases.*', '**/*.json'],
    },
  ],
  format: formatter({ lineNumbers: false }),
  orderBy: ({ entry: a }, { entry: b }) =>
    order.compare(a.context ?? '', b.context ?? '') || order.compare(a.message ?? '', b.message ?? ''),
  extractors: [glossary, engine, macros],
  runtimeConfigModule: { i18n: ['@language', 'i18n'] },
})
