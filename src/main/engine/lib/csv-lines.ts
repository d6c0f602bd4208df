import { AppError } from '../../contract/errors.ts'

export interface CsvLine {
  fields: string[]
  /** Where it begins, from 1. */
  line: number
}

/** The lines of a CSV file that are not empty (RFC 4180, with commas, semicolons or tabs). BAD_INPUT with the line; `name` is the file's in it. */
export function* csvLines(content: string, name: string): Generator<CsvLine, void, void> {
  const text = content.replace(/^\uFEFF/, '')
  const separator = separatorOf(text)
  const field = new RegExp(`("(?:[^"]|"")*"|[^"${separator}\\r\\n][^${separator}\\r\\n]*|)(${separator}|\\r?\\n|$)`, 'y')
  let line = 1
  let current: CsvLine = { fields: [], line }
  while (field.lastIndex < text.length || current.fields.length > 0) {
    const match = field.exec(text)
    if (!match) throw csvRefusal(name, line, 'a quote is not closed, or something stands behind it', 'Write "" for a quote within quotes.')
    const [whole, value = '', end] = match
    current.fields.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value)
    line += whole.split('\n').length - 1
    if (end === separator) continue
    if (current.fields.some((each) => each.trim() !== '')) yield current
    current = { fields: [], line }
  }
}

/** The one that the first line has most of, outside of quotes. */
function separatorOf(text: string): string {
  const first = (text.split(/\r?\n/, 1)[0] ?? '').replaceAll(/"[^"]*"/g, '')
  const count = (separator: string): number => first.split(separator).length
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] ?? ','
}

/** What is wrong in a line of a CSV file. */
export function csvRefusal(name: string, line: number, what: string, hint: string): AppError {
  return new AppError('BAD_INPUT', `${name}, line ${line}: ${what}`, hint)
}
