import { isSaid } from '../contract/said.ts'
import { say, word } from './language.ts'

/** Columns in which sentences stand; what is in others can be typed back. */
const SAID_COLUMNS: ReadonlySet<string> = new Set(['why', 'explanation', 'may be written', 'job', 'error', 'outcome'])

/** Rows in columns as wide as their widest cell. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const said = rows.map((row) => row.map((cell, column) => (SAID_COLUMNS.has(header[column] ?? '') ? sentence(cell) : cell)))
  const all = [header.map((name) => word(name).toUpperCase()), ...said]
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A single word is a name or a state. */
const sentence = (text: string): string => (text.includes(' ') ? say(text) : text)

/** What a timeline says; in some of its lanes the device speaks. */
export const entryText = ({ lane, text }: { lane: string; text: string }): string => (isSaid('text', { lane }) ? say(text) : text)

/** A fact with its label. */
export const fact = (label: string, value: string): [label: string, value: string] => [word(label), value]

/** Facts below each other, their values in one column. */
export function facts(all: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(...all.map(([label]) => label.length))
  return all.map(([label, value]) => `${label.padEnd(width)}  ${value}`)
}

const LEVELS = '▁▂▃▄▅▆▇█'
/** So many letters at most. */
const SPARKS = 40

/** Values as a line of small bars, the highest as high as `most`; of many, the highest of those beside each other. Nothing is a space. */
export function sparkline(values: readonly number[], most = Math.max(...values)): string {
  const every = Math.max(1, Math.ceil(values.length / SPARKS))
  return Array.from({ length: Math.ceil(values.length / every) }, (_, index) => {
    const value = Math.max(...values.slice(index * every, (index + 1) * every))
    return value <= 0 ? ' ' : (LEVELS[Math.min(LEVELS.length - 1, Math.floor((value / most) * LEVELS.length))] ?? '')
  }).join('')
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A size in decimal units, three digits. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** A point in time as ISO 8601 with seconds, or a dash. */
export function time(at: number | null): string {
  return at === null ? '-' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Text out of a file on a line of its own, whatever is in it. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (letter) => `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}
