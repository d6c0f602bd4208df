import { createHash } from 'node:crypto'
import { isNumber } from './inventory-filter.ts'

/** In the order of dictionaries (Unicode collation): before digits, which come before letters. */
const PUNCTUATION = ' _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$'
/** What has no place in that order comes before it. */
const NO_PLACE = '\u0001'
const FIRST_PUNCTUATION = 2
/** Before numbers, which begin with 0. */
const EMPTY = '!'
/** Longer texts are put in order by their beginning. */
export const MAX_KEY_LENGTH = 200

export interface SortKey {
  /** Values that are the same to who looks for them have the same. */
  key: string
  /** Tells a value from others with the same key; empty for the plainest of them. */
  variant: string
}

/**
 * A text whose order by its code points is the order in which people look for the value: numbers by size, then texts without regard to
 * case and accents, with the numbers in them by size ("v1.9" before "v1.10"). A list goes by its texts in a row.
 */
export function sortKey(value: string | readonly string[]): SortKey {
  const text = typeof value === 'string' ? value : value.join(', ')
  const head = text.slice(0, MAX_KEY_LENGTH).toWellFormed()
  const { key, isExact } = isNumber(head) ? numberKey(head) : textKey(head)
  if (isExact && head === value) return { key, variant: '' }
  const rest = typeof value === 'string' && text.isWellFormed() ? text : JSON.stringify(value)
  return { key, variant: rest.length <= MAX_KEY_LENGTH ? `=${rest}` : createHash('sha256').update(rest).digest('base64url') }
}

interface Key {
  key: string
  /** Whether no other text has it that is as plain. */
  isExact: boolean
}

/** Behind a mark of its kind and its sign: how many digits, the digits, the fraction; of negative ones the complement of all that. */
function numberKey(text: string): Key {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text) ?? []
  const size = `${runKey(whole)}${fraction === '' ? '' : `.${fraction}`}`
  const isExact = text === `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
  if (sign === '' || (whole === '' && fraction === '')) return { key: `01${size}`, isExact }
  return { key: `00${size.replace(/\d/g, (digit) => String(9 - Number(digit)))}~`, isExact }
}

function textKey(text: string): Key {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const key = folded
    // oxlint-disable-next-line no-control-regex -- they have no place in the order
    .replace(/[\u0000-\u002f\u003a-\u0060\u007b-\u007f]/g, (char) => placeOf(char))
    .replace(/\d+/g, (run) => runKey(run.replace(/^0+/, '')))
  return { key: text === '' ? EMPTY : `1${key}`, isExact: folded === text && !/(?<!\d)0/.test(text) && !/\p{Cc}/u.test(text) }
}

function placeOf(char: string): string {
  const place = PUNCTUATION.indexOf(char)
  return place < 0 ? NO_PLACE : String.fromCodePoint(FIRST_PUNCTUATION + place)
}

/** Digits without leading zeros, behind the number of them and the length of that. */
function runKey(digits: string): string {
  const length = String(digits.length)
  return `${length.length}${length}${digits}`
}
