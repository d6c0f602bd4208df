import { takenApart, keyOf, parameterOf } from './bindings.ts'
import type { Names, Place } from './names.ts'
import { branchesOf, isRoutine, isText, type Node, nameOf, plain, type Source } from './tree.ts'

/** A piece of a sentence: letters as they stand, or a value by the code that it comes from. */
export type Piece = string | { code: string }

/** How sure it is that something is said: `said` stands where it is, `whole` leads there, `part` goes into a text that does. */
export type Rank = 'part' | 'whole' | 'said'
const RANKS: readonly Rank[] = ['part', 'whole', 'said']

export interface Found {
  pieces: readonly Piece[]
  file: string
  rank: Rank
}

/** What functions of this name are given at this place. */
export type Parameter = readonly [name: string, at: number]

/** Methods of texts and lists, of which something is left. */
const WORDS_KEPT = new Set(['join', 'filter', 'map', 'flatMap', 'find', 'slice', 'trim', 'at'])

/** Follows what is said back to where it was written: through variables, parameters, fields and answers of functions. */
export class Flow {
  readonly found: Found[] = []
  readonly #names: Names
  readonly #most: number
  readonly #asked = new Set<string>()
  readonly #said = new Map<Node, number>()

  /** `most`: no more is looked for once so many are found. */
  constructor(names: Names, most = Infinity) {
    this.#names = names
    this.#most = most
  }

  /** What fields of this name hold is said; in one file, or in all. */
  field(name: string, rank: Rank, file: string | null = null): void {
    if (this.#isAsked(`field ${name} ${rank} ${file}`)) return
    const places = this.#names.fields.get(name) ?? []
    for (const place of places) if (file === null || place.source.file === file) this.say(place, rank)
  }

  /** What functions of this name are given at this place is said; in files under this path. */
  argument([name, at]: Parameter, rank: Rank, under = ''): void {
    if (this.#isAsked(`argument ${name} ${at} ${rank} ${under}`)) return
    for (const { source, args } of this.#names.calls.get(name) ?? []) {
      const node = args[at]
      if (node && source.file.startsWith(under)) this.say({ source, node }, rank)
    }
  }

  /** What stands here is said. */
  say({ source, node: wrapped }: Place, rank: Rank): void {
    const node = plain(wrapped)
    const place = { source, node }
    const sure = RANKS.indexOf(rank)
    if ((this.#said.get(node) ?? -1) >= sure || this.found.length >= this.#most) return
    this.#said.set(node, sure)
    const branches = branchesOf(node)
    if (branches) for (const branch of branches) this.say({ source, node: branch }, rank)
    else if (isText(node)) for (const pieces of this.#ways(place)) this.found.push({ pieces, file: source.file, rank })
    else if (node.type === 'Identifier') this.#variable(place, node.name, rank)
    else this.#follow(place, ledBy(rank))
  }

  /** Each way in which a text may be put together. */
  #ways({ source, node: wrapped }: Place): Piece[][] {
    const node = plain(wrapped)
    if (node.type === 'Literal' && typeof node.value === 'string') return [withGroups(node.value)]
    if (node.type === 'TemplateLiteral') {
      const texts = node.quasis.map(({ value }) => value.cooked ?? '')
      const values = node.expressions.map((value) => this.#ways({ source, node: value }))
      return combined(texts.flatMap((text, at) => [[[text]], ...values.slice(at, at + 1)]))
    }
    if (node.type === 'BinaryExpression' && node.operator === '+')
      return combined([node.left, node.right].map((each) => this.#ways({ source, node: each })))
    const choice = this.#choiceOf(source, node)
    return choice ? choice.flatMap((each) => this.#ways({ source, node: each })) : [this.#value(source, node)]
  }

  /** The texts of which one stands here. */
  #choiceOf(source: Source, wrapped: Node): Node[] | null {
    const node = plain(wrapped)
    if (node.type === 'ConditionalExpression') {
      const both = [node.consequent, node.alternate]
      return both.every((each) => isText(plain(each)) || plain(each).type === 'ConditionalExpression') ? both : null
    }
    const [only, another] = node.type === 'Identifier' ? this.#names.variable(source.file, node.name) : []
    return only && !another && only.node.type === 'ConditionalExpression' ? this.#choiceOf(source, only.node) : null
  }

  #value(source: Source, node: Node): Piece[] {
    this.say({ source, node }, 'part')
    return [{ code: source.code.slice(node.start, node.end) }]
  }

  #follow({ source, node }: Place, rank: Rank): void {
    if (isRoutine(node)) for (const answer of this.#names.answersOf(source, node)) this.say({ source, node: answer }, rank)
    else if (node.type === 'CallExpression') this.#call(source, node, rank)
    else if (node.type === 'MemberExpression') {
      const name = nameOf(node)
      if (name === null) this.say({ source, node: node.object }, rank)
      else this.field(name, rank, rank === 'part' ? source.file : null)
    }
  }

  #call(source: Source, node: Node & { type: 'CallExpression' }, rank: Rank): void {
    const name = nameOf(node.callee)
    const routines = this.#names.routines.get(name ?? '') ?? []
    for (const each of routines) for (const answer of each.answers) this.say({ source: each.source, node: answer }, rank)
    const callee = plain(node.callee)
    // trim(), slice(), join(): still the same words, whoever else has something of that name
    const isOwn = routines.length > 0 && !WORDS_KEPT.has(name ?? '')
    if (isOwn) return
    if (callee.type === 'MemberExpression') this.say({ source, node: callee.object }, rank)
    // what a function says that a call has answered
    else if (callee.type === 'CallExpression') this.say({ source, node: callee }, rank)
    for (const argument of node.arguments) if (isRoutine(argument)) this.say({ source, node: argument }, rank)
  }

  #variable({ source, node }: Place, name: string, sure: Rank): void {
    const held = this.#names.variable(source.file, name)
    for (const place of held) this.say(place, sure)
    const rank = ledBy(sure)
    const given = parameterOf(source, node, name)
    // One of another function may be called like a parameter of this one.
    if (held.length > 0 && given === null) return
    if (given?.kind === 'argument') this.argument([given.of, given.at], rank)
    else if (given?.kind === 'field') this.field(given.name, rank, rank === 'part' ? source.file : null)
    else if (given === null && rank !== 'part') for (const declared of takenApart(source, name)) this.field(keyOf(declared, name), rank)
  }

  #isAsked(key: string): boolean {
    if (this.#asked.has(key)) return true
    this.#asked.add(key)
    return false
  }
}

const ledBy = (rank: Rank): Rank => (rank === 'said' ? 'whole' : rank)

/** `$1` in a text is what a pattern has found. */
export function withGroups(text: string): Piece[] {
  return text.split(/(\$\d)/).map((part) => (/^\$\d$/.test(part) ? { code: part } : part))
}

/** Every way to choose one of each. */
function combined(parts: readonly Piece[][][]): Piece[][] {
  return parts.reduce<Piece[][]>((ways, part) => ways.flatMap((way) => part.map((more) => [...way, ...more])), [[]])
}
