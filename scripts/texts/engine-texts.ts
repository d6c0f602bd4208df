import { SAID_FIELDS } from '../../src/main/contract/said.ts'
import { paragraphsOf } from '../../src/texts/paragraphs.ts'
import { COMMANDER_FILE, COMMANDER_SAYS } from './commander.ts'
import { Flow, type Found, type Parameter, type Piece, withGroups } from './flow.ts'
import { Names, type Place } from './names.ts'
import { branchesOf, type Node, plain, readSource } from './tree.ts'
import { hasWords, isWording } from './wording.ts'

/** A sentence of the engine or the command line, as translators get it: `There is no file {0}`. */
export interface EngineText {
  /** The sentence itself, but for a word that stands alone: it says nothing of the same word in a sentence. */
  id: string
  template: string
  /** The code that each of its values comes from. */
  values: Readonly<Record<string, string>>
  file: string
}

/** Functions by whose arguments something is said: jobs and recipes tell how they go on. */
const TELLING: readonly Parameter[] = [
  ['log', 0],
  ['note', 0],
  ['warn', 0],
  ['step', 0],
  ['event', 1],
  // what zod says of a field that is not as it should be
  ['regex', 1],
  ['refine', 1],
]

/** Where names are words for places of this machine. */
const PLACES = /\/topology\//

const CLI = 'src/main/cli/'

/** What commander shows as help, and what is handed over to be said. */
const HELPING: readonly Parameter[] = [
  ['description', 0],
  ['option', 1],
  ['requiredOption', 1],
  ['argument', 1],
  ['Option', 1],
  ['Argument', 1],
  ['addHelpText', 1],
  ['InvalidArgumentError', 0],
  ['say', 0],
  ['sayParagraphs', 0],
]

/** What a command prints. */
const PRINTING: readonly Parameter[] = [
  ['result', 1],
  ['important', 0],
]

/** Words that stand alone: heads of columns, labels, what a bar counts. */
const WORDS: readonly Parameter[] = [
  ['table', 0],
  ['fact', 0],
  ['word', 0],
  ['section', 0],
  ['progress', 2],
  ['withProgress', 1],
]

/** Everything that the engine and the command line say to people in these files. */
export function engineTexts(files: readonly { file: string; code: string }[]): EngineText[] {
  const names = new Names(files.map(({ file, code }) => readSource(file, code)))
  const flow = new Flow(names)
  for (const at of [1, 2]) flow.argument(['AppError', at], 'said')
  for (const field of SAID_FIELDS) flow.field(field, 'whole')
  for (const { file } of files) if (PLACES.test(file)) flow.field('name', 'whole', file)
  for (const each of TELLING) flow.argument(each, 'whole')
  for (const each of HELPING) flow.argument(each, 'said', CLI)
  for (const { file } of files) if (file.startsWith(CLI)) flow.field('summary', 'said', file)
  for (const each of PRINTING) flow.argument(each, 'whole', CLI)
  const sentences = flow.found.flatMap(piecewise).map(withoutName).filter(isForPeople)
  const commander = files.some(({ file }) => file === COMMANDER_FILE) ? COMMANDER_SAYS : []
  const texts = [
    ...sentences.map(({ pieces, file }) => textOf(pieces, file)),
    ...commander.map((text) => textOf(withGroups(text), COMMANDER_FILE)),
    ...wordsOf(names),
  ]
  return [...new Map(texts.map((text) => [`${text.file} ${text.id}`, text])).values()]
}

function wordsOf(names: Names): EngineText[] {
  const places = WORDS.flatMap(([name, at]) =>
    (names.calls.get(name) ?? []).flatMap(({ source, args }) => {
      const node = args[at]
      return node && source.file.startsWith(CLI) ? textsAt(names, { source, node }) : []
    }),
  )
  return places.flatMap(({ file, word }) => (/[a-z]{2}/i.test(word) ? [{ ...textOf([word], file), id: `word.${word}` }] : []))
}

/**
 * The texts of which one stands here, or each item of a list: only those written in quotes, here or in a variable of the file. `within`: what
 * led here, since a variable may hold itself.
 */
function textsAt(names: Names, { source, node: wrapped }: Place, within: readonly Node[] = []): { file: string; word: string }[] {
  const node = plain(wrapped)
  if (node.type === 'Literal') return typeof node.value === 'string' ? [{ file: source.file, word: node.value }] : []
  const held = node.type === 'MemberExpression' && node.computed ? plain(node.object) : node
  const isName = held.type === 'Identifier'
  const places = isName ? names.variable(source.file, held.name) : (branchesOf(node) ?? []).map((branch) => ({ source, node: branch }))
  return places.flatMap((place) => (within.includes(place.node) ? [] : textsAt(names, place, [...within, place.node])))
}

/** Paragraphs of help and lines of an answer are translated one by one. */
function piecewise(found: Found): Found[] {
  if (!found.file.startsWith(CLI)) return [found]
  const codes: string[] = []
  const text = found.pieces.map((piece) => (typeof piece === 'string' ? piece : `\0${codes.push(piece.code) - 1}\0`)).join('')
  // notes at the end of help begin with a break, also where they are a part of others: a line of its own
  const rank = text.startsWith('\n') ? 'said' : found.rank
  const parts = rank === 'said' ? paragraphsOf(text.replaceAll(/^\0\d+\0$/gm, '')) : text.split('\n').map((line) => line.trim())
  return parts.map((part) => ({ ...found, rank, pieces: piecesOf(part, codes) }))
}

function piecesOf(text: string, codes: readonly string[]): Piece[] {
  return text.split(/\0(\d+)\0/).flatMap((part, at): Piece[] => {
    if (at % 2 === 1) return [{ code: codes[Number(part)] ?? '' }]
    return part === '' ? [] : [part]
  })
}
/** The name of a field or a file before what is said of it is no word. */
function withoutName(found: Found): Found {
  const [first, ...more] = found.pieces
  return typeof first === 'string' ? { ...found, pieces: [first.replace(/^[a-z][\w.]*: (?=.)/, ''), ...more] } : found
}

/** Whether what was found is a sentence of the catalogue. */
export const isForPeople = ({ pieces, rank }: Found): boolean => (rank === 'said' ? hasWords(pieces) : isWording(pieces, rank === 'whole'))

function textOf(pieces: readonly Piece[], file: string): EngineText {
  const codes = pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.code]))
  const template = templateOf(pieces)
  return { id: template, template, values: Object.fromEntries(codes.map((code, at) => [String(at), code])), file }
}

/** In ICU's spelling: what is no value has its braces in quotes. */
function templateOf(pieces: readonly Piece[]): string {
  const merged = pieces.reduce<Piece[]>((all, piece) => {
    const last = all.at(-1)
    return typeof piece === 'string' && typeof last === 'string' ? [...all.slice(0, -1), last + piece] : [...all, piece]
  }, [])
  let at = 0
  return merged.map((piece, place) => (typeof piece === 'string' ? quoted(piece, place + 1 < merged.length) : `{${at++}}`)).join('')
}

function quoted(text: string, isBeforeValue: boolean): string {
  const special = isBeforeValue ? /[{}][{}']*|'(?=['{}]|$)/g : /[{}][{}']*|'(?=['{}])/g
  return text.replaceAll(special, (found) => (found === "'" ? "''" : `'${found.replaceAll("'", "''")}'`))
}
