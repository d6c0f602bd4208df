import { EngineTemplate, wordsOf } from './engine-template.ts'

/** Says a template's translation with these values. */
type Fill = (template: string, values: Readonly<Record<string, string>>) => string

/** Longer ones are logs or files. */
const LONGEST = 2000
/** How deep sentences in sentences are looked for. */
const DEEPEST = 3
/** Of so many sentences the translation is kept. */
const KEPT = 4000

/** `deviceTypes: …`, `header.tar: …` */
const NAME = /^[a-z][\w.]*: /

/** How sentences hang together that are no one template's: each is translated by itself. */
const JOINTS = ['. ', '; ', ': ', ', ']

/**
 * Translates what the engine says. It speaks English alone, in sentences that the catalogue has as templates: the one that a sentence fits
 * best is filled with what stands in the places of its values. What fits none stays as it is.
 */
export class EngineWords {
  readonly #fill: Fill
  /** Templates without values, by the sentence that each is. */
  readonly #whole = new Map<string, string>()
  /** Each template by the rarest of its words. */
  readonly #byWord = new Map<string, EngineTemplate[]>()
  readonly #said = new Map<string, string>()

  constructor(templates: readonly string[], fill: Fill) {
    this.#fill = fill
    const read = templates.map((each) => new EngineTemplate(each))
    const counts = new Map<string, number>()
    for (const { words } of read) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
    for (const template of read) {
      if (template.places === 0) this.#whole.set(template.text, template.id)
      else this.#byRarest(template, counts)
    }
  }

  #byRarest(template: EngineTemplate, counts: ReadonlyMap<string, number>): void {
    const [rarest = ''] = template.words.toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0))
    const known = this.#byWord.get(rarest)
    if (known) known.push(template)
    else this.#byWord.set(rarest, [template])
  }

  /** The sentence in the language of the catalogue. */
  say(sentence: string): string {
    const known = this.#said.get(sentence)
    if (known !== undefined) return known
    const said = this.#translate(sentence, 0) ?? sentence
    if (this.#said.size >= KEPT) this.#said.clear()
    this.#said.set(sentence, said)
    return said
  }

  #translate(sentence: string, depth: number): string | null {
    if (sentence.length > LONGEST || depth > DEEPEST || sentence.includes('\n')) return null
    return this.#byTemplate(sentence, depth) ?? this.#behindName(sentence, depth) ?? this.#byParts(sentence, depth)
  }

  /** The name of a field, or of a file, before what is said of it: it stays. */
  #behindName(sentence: string, depth: number): string | null {
    const [name = ''] = NAME.exec(sentence) ?? []
    const said = name === '' ? null : this.#translate(sentence.slice(name.length), depth)
    return said === null ? null : `${name}${said}`
  }

  #byTemplate(sentence: string, depth: number): string | null {
    const whole = this.#whole.get(sentence)
    if (whole !== undefined) return this.#fill(whole, {})
    const words = new Set(['', ...wordsOf(sentence)])
    const near = [...words].flatMap((word) => this.#byWord.get(word) ?? []).toSorted((a, b) => b.weight - a.weight || a.places - b.places)
    for (const each of near) {
      const values = each.valuesIn(sentence)
      const said = values && this.#filled(each, values, depth)
      if (said) return said
    }
    return null
  }

  /** A template of few words fits much: its values have to be single words, or sentences that are known. */
  #filled(template: EngineTemplate, values: readonly string[], depth: number): string | null {
    const said = values.map((value) => (/\S\s+\S/.test(value) ? this.#translate(value, depth + 1) : value))
    if (template.isWeak && said.includes(null)) return null
    return this.#fill(template.id, Object.fromEntries(said.map((value, at) => [String(at), value ?? values[at] ?? ''])))
  }

  #byParts(sentence: string, depth: number): string | null {
    for (const joint of JOINTS) {
      const parts = sentence.split(joint)
      if (parts.length === 1 || parts.length > 20) continue
      const said = parts.map((part, at) => this.#part(part, joint === '. ' && at + 1 < parts.length, depth + 1))
      if (said.some((part) => part !== null)) return said.map((part, at) => part ?? parts[at]).join(joint)
    }
    return null
  }

  /** A sentence before another one may have been cut off its full stop, or never have had one. */
  #part(part: string, isCut: boolean, depth: number): string | null {
    const whole = isCut ? this.#translate(`${part}.`, depth) : null
    return whole === null ? this.#translate(part, depth) : whole.replace(/\.$/, '')
  }
}
