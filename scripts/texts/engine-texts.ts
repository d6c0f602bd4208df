import { SAID_FIELDS } from '../../src/main/contract/said.ts'
import { Flow, type Found, type Piece } from './flow.ts'
import { Names } from './names.ts'
import { readSource } from './tree.ts'
import { hasWords, isWording } from './wording.ts'

/** A sentence of the engine, as translators get it: `There is no file {0}`. */
export interface EngineText {
  template: string
  /** The code that each of its values comes from. */
  values: Readonly<Record<string, string>>
  file: string
}

/** Functions by whose arguments something is said: jobs and recipes tell how they go on. */
const TELLING: readonly (readonly [name: string, at: number])[] = [
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

/** Everything that the engine says to people in these files. */
export function engineTexts(files: readonly { file: string; code: string }[]): EngineText[] {
  const flow = new Flow(new Names(files.map(({ file, code }) => readSource(file, code))))
  flow.argument('AppError', 1, 'said')
  flow.argument('AppError', 2, 'said')
  for (const field of SAID_FIELDS) flow.field(field, 'whole')
  for (const { file } of files) if (PLACES.test(file)) flow.field('name', 'whole', file)
  for (const [name, at] of TELLING) flow.argument(name, at, 'whole')
  const texts = new Map(
    flow.found
      .map(withoutName)
      .filter(isForPeople)
      .map(({ pieces, file }) => [`${file} ${templateOf(pieces)}`, textOf(pieces, file)]),
  )
  return [...texts.values()]
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
  return { template: templateOf(pieces), values: Object.fromEntries(codes.map((code, at) => [String(at), code])), file }
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
