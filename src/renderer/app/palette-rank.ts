import type { LucideIcon } from 'lucide-react'

/** One thing that the palette finds. */
export interface Entry {
  key: string
  /** What sort of thing it is, said at its right: "Command", "Device". */
  kind: string
  title: string
  /** What else it is known by; shown behind the title. */
  detail: string
  icon: LucideIcon
  /** Why it cannot be chosen now; null when it can. */
  why: string | null
  /** Keys that do the same. */
  keys: readonly string[]
  run: () => void
}

const SHOWN = 60

/** The entries that hold every word of the query, the best first; `recent` are keys of what was chosen last, the newest first. */
export function ranked(entries: readonly Entry[], query: string, recent: readonly string[]): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return entries
    .map((entry, index) => ({ entry, index, score: scoreOf(entry, words, recent.indexOf(entry.key)) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score || one.index - other.index)
    .slice(0, SHOWN)
    .map(({ entry }) => entry)
}

/** Zero where a word is missing. The beginning of the title counts most, then the beginning of a word, then what can be chosen now, and lately was. */
function scoreOf({ title, detail, kind, why }: Entry, words: readonly string[], lastChosen: number): number {
  const name = title.toLowerCase()
  const all = `${name} ${detail} ${kind}`.toLowerCase()
  let score = 1 + (why === null ? 2 : 0) + (lastChosen < 0 ? 0 : 3 - lastChosen / 4)
  for (const word of words) {
    if (name.startsWith(word)) score += 8
    else if (startsAWord(name, word)) score += 5
    else if (startsAWord(all, word)) score += 2
    else if (all.includes(word)) score += 1
    else return 0
  }
  return score
}

function startsAWord(text: string, word: string): boolean {
  const at = text.indexOf(word)
  return at === 0 || (at > 0 && /[\s\-_.:/]/.test(text[at - 1] ?? '')) || (at > 0 && text.includes(` ${word}`))
}
