/** What a template is made of: text in quotes, an apostrophe, a place for a value, or other text. */
const TOKEN = /'([{}](?:[{}]|'')*)'|''|\{(\d+)\}/g

const BESIDE = '\u{1}'

/** A sentence of the engine with places for values, as the catalogue spells it: `There is no file {0}`. */
export class EngineTemplate {
  readonly id: string
  /** The text before, between and behind the values. */
  readonly #texts: readonly string[]
  /** Whole words of it, none of which a value can lengthen. */
  readonly words: readonly string[]
  /** How much of a sentence it determines. */
  readonly weight: number

  constructor(id: string) {
    this.id = id
    this.#texts = textsOf(id)
    this.words = wordsOf(this.#texts.join(BESIDE)).filter((word) => !word.includes(BESIDE))
    this.weight = this.#texts.reduce((sum, text) => sum + text.length, 0)
  }

  /** How many values it has. */
  get places(): number {
    return this.#texts.length - 1
  }

  get text(): string {
    return this.#texts.join('')
  }

  /** Whether it might be found by chance in what is no sentence of the engine. */
  get isWeak(): boolean {
    return this.words.length < (/^[A-Za-z]{3}/.test(this.#texts[0] ?? '') ? 1 : 2)
  }

  /** What stands in the places of its values; null for a sentence of another kind. */
  valuesIn(sentence: string): string[] | null {
    const [first = '', ...more] = this.#texts
    const last = more.pop() ?? ''
    const end = sentence.length - last.length
    if (!sentence.startsWith(first) || !sentence.endsWith(last) || end < first.length) return null
    const values: string[] = []
    let at = first.length
    for (const text of more) {
      const next = sentence.indexOf(text, at)
      if (next === -1 || next + text.length > end) return null
      values.push(sentence.slice(at, next))
      at = next + text.length
    }
    return [...values, sentence.slice(at, end)]
  }
}

/** The words of a sentence, by which templates are found. */
export const wordsOf = (text: string): string[] => text.match(/[\w\u{1}]+/gu) ?? []

function textsOf(id: string): string[] {
  const texts = ['']
  let from = 0
  const add = (text: string): void => void texts.splice(-1, 1, (texts.at(-1) ?? '') + text)
  for (const token of id.matchAll(TOKEN)) {
    const [all, braces, value] = token
    add(id.slice(from, token.index))
    from = token.index + all.length
    if (value !== undefined) texts.push('')
    else add(braces?.replaceAll("''", "'") ?? "'")
  }
  add(id.slice(from))
  return texts
}
