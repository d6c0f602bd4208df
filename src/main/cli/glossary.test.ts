import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TERMS } from '../contract/glossary.ts'

const root = join(import.meta.dirname, '../../..')

/** What a person reads: the page, the command line, the desktop, the guide and README; what tests say is left out. */
async function readables(): Promise<{ file: string; text: string }[]> {
  const folders = ['src/renderer', 'src/main/cli', 'src/main/electron', 'docs']
  const names = await Promise.all(
    folders.map(async (folder) => (await readdir(join(root, folder), { recursive: true })).map((name) => join(folder, name))),
  )
  const files = ['README.md', 'src/main/cli.ts', ...names.flat()].filter(
    (name) => /\.(tsx?|md)$/.test(name) && !/\.(test|cases)\.tsx?$|^docs\/glossary\.md$/.test(name),
  )
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8') })))
}

/** Lines with a word that the bench has another one for. */
function foreign(text: string): string[] {
  return TERMS.flatMap(({ name, never = [] }) =>
    never.flatMap((word) =>
      [...text.matchAll(new RegExp(`^.*\\b${word}(s|d|ed|ing)?\\b.*$`, 'gim'))].map(([line]) => `"${word}" is ${name}: ${line.trim()}`),
    ),
  )
}

describe('the glossary', () => {
  it('explains each word in one sentence, in which no word that it replaces is used', () => {
    for (const { means } of TERMS) expect(means).toMatch(/^[A-Z][^.]*(\.mender[^.]*)?\.$/)
    expect(TERMS.flatMap(({ means }) => foreign(means))).toEqual([])
  })

  it('is what the guide has as its glossary', async () => {
    const rows = TERMS.map(({ name, means, never }) => `| ${name} | ${means} | ${never?.join(', ') ?? ''} |`)
    const page = [
      '# Glossary',
      '',
      'The words of the app, the command line and this guide. They are those of the documents of Mender wherever it has one. The same list:',
      '**Help, Glossary** in the app, and `otabench glossary`.',
      '',
      '| word | what it means | never called |',
      '|---|---|---|',
      ...rows,
      '',
    ]
    // `npm test -- src/main/cli/glossary.test.ts -u` writes it anew.
    await expect(page.join('\n')).toMatchFileSnapshot(join(root, 'docs/glossary.md'))
  })

  it('finds the words that it replaces', () => {
    const line = '<p>The rollout was approved.</p>'
    expect(foreign(`${line}\nUse an API key`)).toEqual([
      `"approve" is accept: ${line}`,
      '"api key" is access token: Use an API key',
      `"rollout" is deployment: ${line}`,
    ])
  })

  it('is kept to: nothing that a person reads has another word for one of it', async () => {
    const found = (await readables()).flatMap(({ file, text }) => foreign(text).map((line) => `${file}: ${line}`))
    expect(found).toEqual([])
  })
})
