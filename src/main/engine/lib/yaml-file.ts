import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { z } from 'zod'
import { AppError } from '../../contract/errors.ts'

/** Loaded with the first file: it is 70 files, and a server may never read one. */
const yaml = (): typeof Yaml => createRequire(import.meta.url)('yaml')

/** More than any file that a person writes has. */
const MAX_TEXT_BYTES = 1 << 20
/** Aliases (`*name`) may make a document larger by so many nodes. */
const MAX_ALIASES = 100

export interface YamlKind<S extends z.ZodType> {
  schema: S
  /** What the file should be: `layout`. */
  what: string
  hint: string
}

/**
 * What a YAML file says; `where` is its name in errors. BAD_INPUT with line and column for text that is no YAML, for unknown keys and for
 * values that cannot be.
 */
export function parseYaml<S extends z.ZodType>(text: string, where: string, { schema, what, hint }: YamlKind<S>): z.output<S> {
  if (text.length > MAX_TEXT_BYTES) throw new AppError('BAD_INPUT', `${where} is too long for a ${what}`, 'Name the right file.')
  const { LineCounter, parseDocument } = yaml()
  const lines = new LineCounter()
  const understood = <T>(work: () => T): T => {
    try {
      return work()
    } catch (thrown) {
      // What the parser gives up on: folders in folders without end, and aliases of aliases.
      throw new AppError('BAD_INPUT', `${where}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, hint, thrown)
    }
  }
  const document = understood(() => parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' }))
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${where}:${line}:${col}`
  }
  const [broken] = [...document.errors, ...document.warnings]
  if (broken) throw new AppError('BAD_INPUT', `${place(broken.pos[0])}: ${broken.message.split('\n')[0]}`, hint)
  const parsed = schema.safeParse(understood(() => document.toJS({ maxAliasCount: MAX_ALIASES })) ?? {})
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(closest)
  throw new AppError('BAD_INPUT', issues.map((issue) => `${place(offsetOf(document.contents, issue))}: ${textOf(issue)}`).join('; '), hint)
}

/** A value as the text of a YAML file, without what is undefined or empty. */
export function yamlText(value: unknown): string {
  return yaml().stringify(withoutEmpty(value), { lineWidth: 0 })
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

/** Of a value that may have several shapes, what is wrong with the one that it comes closest to. */
function closest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  const shapes = issue.errors.filter((issues) => !issues.some(isOfAnotherType)).toSorted((a, b) => a.length - b.length)
  const [first] = shapes[0] ?? []
  return first ? closest({ ...first, path: [...issue.path, ...first.path] }) : issue
}

function isOfAnotherType({ code, path }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && path.length === 0
}

function textOf(issue: z.core.$ZodIssue): string {
  const keys = issue.path.map(String).join('.')
  return keys === '' ? issue.message : `${keys}: ${issue.message}`
}

/** Where in the text an issue is: of an unknown key the key, of a value that is missing what it is missing in. */
function offsetOf(root: Yaml.Node | null, issue: z.core.$ZodIssue): number {
  const { isMap, isSeq } = yaml()
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
