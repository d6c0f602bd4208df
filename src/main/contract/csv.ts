/** RFC 4180, with a header. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvText(columns: readonly string[], rows: readonly Readonly<Record<string, string>>[]): string {
  return [columns.map(cell).join(','), ...rows.map((row) => columns.map((name) => cell(row[name] ?? '')).join(','))]
    .map((line) => `${line}\r\n`)
    .join('')
}

/** A spreadsheet takes a text that begins with one of these for a formula; with an apostrophe before it stays a text. */
const FORMULA = /^[=+\-@\t\r]/

function cell(text: string): string {
  const plain = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
