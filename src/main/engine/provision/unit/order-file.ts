import { csvLines, csvRefusal } from '../../lib/csv-lines.ts'
import type { OrderRow } from './orders.ts'

export const MAX_ORDER_BYTES = 16 << 20
const MAX_ROWS = 10_000
const MAX_TEXT = 200

/**
 * A work order out of a CSV file (RFC 4180, with commas, semicolons or tabs): the first line names the columns, one of which is `serial`.
 * BAD_INPUT with the line for a number that is missing or there twice, and for values that no identity can hold.
 */
export function parseOrder(content: string, name: string): OrderRow[] {
  const [head, ...lines] = [...csvLines(content, name)]
  const names = (head?.fields ?? []).map((each) => each.trim())
  const serialAt = names.findIndex((each) => /^serial([ _-]?number)?$/i.test(each))
  if (serialAt < 0)
    throw csvRefusal(name, 1, 'there is no column serial', `The first line names the columns: ${names.join(', ') || 'none'}.`)
  if (new Set(names).size !== names.length) throw csvRefusal(name, 1, 'two columns have the same name', 'Rename one.')
  const seen = new Map<string, number>()
  const rows = lines.map(({ fields, line }) => {
    if (fields.length !== names.length)
      throw csvRefusal(name, line, `it has ${fields.length} values for ${names.length} columns`, 'Correct the line.')
    const values = fields.map((value) => value.trim())
    const bad = values.find((value) => value.length > MAX_TEXT || /[\p{Cc}]/u.test(value))
    if (bad !== undefined)
      throw csvRefusal(name, line, `"${bad.slice(0, 40)}" is longer than ${MAX_TEXT} characters, or no text`, 'Correct it.')
    const serial = values[serialAt] ?? ''
    if (serial === '') throw csvRefusal(name, line, 'it has no serial number', 'Each line needs one.')
    const before = seen.get(serial)
    if (before !== undefined) throw csvRefusal(name, line, `the serial number ${serial} is that of line ${before}`, 'Each is given once.')
    seen.set(serial, line)
    return { serial, columns: Object.fromEntries(names.flatMap((each, at) => (at === serialAt ? [] : [[each, values[at] ?? '']]))) }
  })
  if (rows.length === 0) throw csvRefusal(name, 2, 'there are no units', 'Each line behind the first is one.')
  if (rows.length > MAX_ROWS) throw csvRefusal(name, MAX_ROWS + 2, `more than ${MAX_ROWS} units`, 'Make several work orders of it.')
  return rows
}
