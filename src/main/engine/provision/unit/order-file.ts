import { AppError } from '../../../contract/errors.ts'
import type { OrderRow } from './orders.ts'

export const MAX_ORDER_BYTES = 16 << 20
const MAX_ROWS = 10_000
const MAX_TEXT = 200

/**
 * A work order out of a CSV file (RFC 4180, with commas, semicolons or tabs): the first line names the columns, one of which is `serial`.
 * BAD_INPUT with the line for a number that is missing or there twice, and for values that no identity can hold.
 */
export function parseOrder(content: string, name: string): OrderRow[] {
  const text = content.replace(/^\uFEFF/, '')
  const [head, ...lines] = [...records(text, separatorOf(text), name)]
  const names = (head?.fields ?? []).map((each) => each.trim())
  const serialAt = names.findIndex((each) => /^serial([ _-]?number)?$/i.test(each))
  if (serialAt < 0) throw refusal(name, 1, 'there is no column serial', `The first line names the columns: ${names.join(', ') || 'none'}.`)
  if (new Set(names).size !== names.length) throw refusal(name, 1, 'two columns have the same name', 'Rename one.')
  const seen = new Map<string, number>()
  const rows = lines.map(({ fields, line }) => {
    if (fields.length !== names.length)
      throw refusal(name, line, `it has ${fields.length} values for ${names.length} columns`, 'Correct the line.')
    const values = fields.map((value) => value.trim())
    const bad = values.find((value) => value.length > MAX_TEXT || /[\p{Cc}]/u.test(value))
    if (bad !== undefined)
      throw refusal(name, line, `"${bad.slice(0, 40)}" is longer than ${MAX_TEXT} characters, or no text`, 'Correct it.')
    const serial = values[serialAt] ?? ''
    if (serial === '') throw refusal(name, line, 'it has no serial number', 'Each line needs one.')
    const before = seen.get(serial)
    if (before !== undefined) throw refusal(name, line, `the serial number ${serial} is that of line ${before}`, 'Each is given once.')
    seen.set(serial, line)
    return { serial, columns: Object.fromEntries(names.flatMap((each, at) => (at === serialAt ? [] : [[each, values[at] ?? '']]))) }
  })
  if (rows.length === 0) throw refusal(name, 2, 'there are no units', 'Each line behind the first is one.')
  if (rows.length > MAX_ROWS) throw refusal(name, MAX_ROWS + 2, `more than ${MAX_ROWS} units`, 'Make several work orders of it.')
  return rows
}

/** The one that the first line has most of, outside of quotes. */
function separatorOf(text: string): string {
  const first = (text.split(/\r?\n/, 1)[0] ?? '').replaceAll(/"[^"]*"/g, '')
  const count = (separator: string): number => first.split(separator).length
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] ?? ','
}

interface Line {
  fields: string[]
  /** Where it begins, from 1. */
  line: number
}

/** The lines that are not empty. */
function* records(text: string, separator: string, name: string): Generator<Line, void, void> {
  const field = new RegExp(`("(?:[^"]|"")*"|[^"${separator}\\r\\n][^${separator}\\r\\n]*|)(${separator}|\\r?\\n|$)`, 'y')
  let line = 1
  let current: Line = { fields: [], line }
  while (field.lastIndex < text.length || current.fields.length > 0) {
    const match = field.exec(text)
    if (!match) throw refusal(name, line, 'a quote is not closed, or something stands behind it', 'Write "" for a quote within quotes.')
    const [whole, value = '', end] = match
    current.fields.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value)
    line += whole.split('\n').length - 1
    if (end === separator) continue
    if (current.fields.some((each) => each.trim() !== '')) yield current
    current = { fields: [], line }
  }
}

function refusal(name: string, line: number, what: string, hint: string): AppError {
  return new AppError('BAD_INPUT', `${name}, line ${line}: ${what}`, hint)
}
