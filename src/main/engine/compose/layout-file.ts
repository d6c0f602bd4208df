import { LineCounter, type Node, isMap, isSeq, parseDocument, stringify } from 'yaml'
import type { z } from 'zod'
import { type CardLayout, cardLayout } from '../../contract/card-layout.ts'
import { AppError } from '../../contract/errors.ts'
import { type Seed, seed } from '../../contract/seed.ts'

/** More than any layout has. */
const MAX_TEXT_BYTES = 1 << 20
/** Aliases (`*name`) may make a document larger by so many nodes. */
const MAX_ALIASES = 100

/**
 * The layout that a file says; `where` is its name in errors. BAD_INPUT with line and column for text that is no YAML, for unknown keys and
 * for values that cannot be.
 */
export function parseLayout(text: string, where: string): CardLayout {
  return parseFile(text, where, { schema: cardLayout, what: 'layout' })
}

/** The seed that a file says, in the same way. */
export function parseSeed(text: string, where: string): Seed {
  return parseFile(text, where, { schema: seed, what: 'seed' })
}

function parseFile<S extends z.ZodType>(text: string, where: string, { schema, what }: { schema: S; what: string }): z.output<S> {
  if (text.length > MAX_TEXT_BYTES) throw new AppError('BAD_INPUT', `${where} is too long for a ${what}`, 'Name the right file.')
  const lines = new LineCounter()
  const document = understood(where, () => parseDocument(text, { lineCounter: lines, prettyErrors: false }))
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${where}:${line}:${col}`
  }
  const [broken] = [...document.errors, ...document.warnings]
  if (broken) throw bad(`${place(broken.pos[0])}: ${broken.message.split('\n')[0]}`)
  const parsed = schema.safeParse(understood(where, () => document.toJS({ maxAliasCount: MAX_ALIASES })) ?? {})
  if (parsed.success) return parsed.data
  throw bad(parsed.error.issues.map((issue) => `${place(offsetOf(document.contents, issue))}: ${textOf(issue)}`).join('; '))
}

/** BAD_INPUT for what the parser gives up on: folders in folders without end, and aliases of aliases. */
function understood<T>(where: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw bad(`${where}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown)
  }
}

function bad(message: string, cause?: unknown): AppError {
  return new AppError('BAD_INPUT', message, 'Correct it there; otabench image compose --help shows an example.', cause)
}

function textOf(issue: z.core.$ZodIssue): string {
  const keys = issue.path.map(String).join('.')
  return keys === '' ? issue.message : `${keys}: ${issue.message}`
}

/** Where in the text an issue is: of an unknown key the key, of a value that is missing what it is missing in. */
function offsetOf(root: Node | null, issue: z.core.$ZodIssue): number {
  const keys = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path
  let node: unknown = root
  let offset = root?.range?.[0] ?? 0
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((each) => keyOf(each.key) === String(key))
      if (!pair) break
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = startOf(node) ?? offset
    } else break
  }
  return offset
}

function keyOf(key: unknown): string {
  return String(typeof key === 'object' && key !== null && 'value' in key ? key.value : key)
}

function startOf(node: unknown): number | undefined {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  const start: unknown = Array.isArray(range) ? range[0] : undefined
  return typeof start === 'number' ? start : undefined
}

/** The text of a layout file that says this, without what is left out anyway. */
export function layoutText(layout: CardLayout): string {
  return stringify(withoutEmpty(layout), { lineWidth: 0 })
}

function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const kept = Object.entries(value).flatMap(([key, each]: [string, unknown]) => {
    const small = withoutEmpty(each)
    const isEmpty = typeof small === 'object' && small !== null && Object.keys(small).length === 0
    return small === undefined || isEmpty ? [] : [[key, small] as const]
  })
  return Object.fromEntries(kept)
}
