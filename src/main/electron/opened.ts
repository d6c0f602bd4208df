import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PageRequest } from '../contract/desktop.ts'
import { fileKind } from '../contract/file-kinds.ts'
import { parseLink } from '../contract/links.ts'

/** What a command line asks to open: links and files, the app's own arguments left out. Paths start at `folder`. */
export function openedBy(argv: readonly string[], folder: string): PageRequest[] {
  const words = argv.slice(1).filter((word, index, all) => !word.startsWith('-') && !OWN.has(all[index - 1] ?? ''))
  const links = words.filter((word) => parseLink(word) !== null)
  const files = words.filter((word) => !links.includes(word)).map(pathOf)
  const paths = files.filter((word) => !word.includes('://') && isFile(word)).map((word) => resolve(folder, word))
  return [
    ...links.map((link): PageRequest => ({ kind: 'link', link })),
    ...(paths.length > 0 ? [{ kind: 'files', paths } satisfies PageRequest] : []),
  ]
}

/** File managers may name a file by its address; one that is on another machine, or none, stays as it is. */
function pathOf(word: string): string {
  if (!word.startsWith('file://')) return word
  try {
    return fileURLToPath(word)
  } catch {
    return word
  }
}

/** Of what is no file that the bench knows, the page says so; the folder of a development build is none. */
const isFile = (word: string): boolean => fileKind(word) !== null || /[^\\/.]\.\w{1,10}$/.test(word)

/** Arguments with a value behind them. */
const OWN = new Set(['--data', '--http', '--https', '-r'])
