import type { FilterTerm } from '../../contract/filters.ts'
import { firstWhere } from '../lib/first-where.ts'
import { type AttributeValue, isNumber, matcher } from './inventory-filter.ts'
import { KIND, type ValueColumn } from './value-column.ts'

/** Of the values of a column those that pass: 1 for each, by its ordinal. That at 0 is for devices that have none. */
export type Passing = Uint8Array

const EQUALITIES: ReadonlySet<string> = new Set(['$eq', '$in', '$ne', '$nin', '$ltne'])
const COMPARISONS: ReadonlySet<string> = new Set(['$gt', '$gte', '$lt', '$lte'])
/** Longer numbers are the same as others beside them. */
const EXACT_DIGITS = 15

type Test = (value: AttributeValue | undefined) => boolean

/** Which values meet the condition. No more of them are tried than have to be: where order tells, those at its bounds. */
export function passingValues(column: ValueColumn, term: FilterTerm): Passing {
  const test = matcher(term)
  const wanted = [term.value].flat().map(String)
  if (EQUALITIES.has(term.type) && wanted.every(isExact)) return amongAlike(column, test, wanted)
  if (COMPARISONS.has(term.type))
    return compared(column, test, { isSuffix: term.type.startsWith('$g'), areNumbers: wanted.every(isNumber) })
  const passing = new Uint8Array(column.values.length)
  extend(passing, column, test, 0)
  return passing
}

/** What is known of the first values, and the others tried. */
export function extended(known: Passing, column: ValueColumn, term: FilterTerm): Passing {
  const passing = new Uint8Array(column.values.length)
  passing.set(known)
  extend(passing, column, matcher(term), known.length)
  return passing
}

function extend(passing: Passing, { values }: ValueColumn, test: Test, from: number): void {
  for (let ordinal = from; ordinal < values.length; ordinal += 1) if (test(values[ordinal])) passing[ordinal] = 1
}

const isExact = (text: string): boolean => !isNumber(text) || text.length <= EXACT_DIGITS

/** A text equals itself only, a number its other spellings, and lists contain what they contain. */
function amongAlike(column: ValueColumn, test: Test, wanted: readonly string[]): Passing {
  const isPassing = test(undefined)
  const passing = new Uint8Array(column.values.length).fill(isPassing ? 1 : 0)
  const tried = [...wanted.map((text) => column.alike(text)), ofKind(column, KIND.other)]
  for (const ordinals of tried) for (const ordinal of ordinals) passing[ordinal] = test(column.values[ordinal]) ? 1 : 0
  return passing
}

interface Comparison {
  /** Whether what passes stands at the end. */
  isSuffix: boolean
  areNumbers: boolean
}

function compared(column: ValueColumn, test: Test, { isSuffix, areNumbers }: Comparison): Passing {
  const passing = new Uint8Array(column.values.length)
  const tryAll = (ordinals: Uint32Array): void => {
    for (const ordinal of ordinals) passing[ordinal] = test(column.values[ordinal]) ? 1 : 0
  }
  const tryBounds = (ordinals: Uint32Array): void => {
    const bound = firstWhere([0, ordinals.length], (index) => test(column.values[ordinals[index] ?? 0]) === isSuffix)
    for (const ordinal of isSuffix ? ordinals.subarray(bound) : ordinals.subarray(0, bound)) passing[ordinal] = 1
    tryAll(around(column, ordinals, bound))
  }
  tryAll(ofKind(column, KIND.other))
  tryBounds(ofKind(column, KIND.text))
  // As texts numbers have another order than as numbers.
  if (areNumbers) tryBounds(ofKind(column, KIND.number))
  else tryAll(ofKind(column, KIND.number))
  return passing
}

/** Those at a bound that are the same in order: comparisons tell "a" from "A". */
function around({ ranks }: ValueColumn, ordinals: Uint32Array, bound: number): Uint32Array {
  const rankAt = (index: number): number => ranks[ordinals[index] ?? 0] ?? 0
  let [from, to] = [bound, bound]
  while (from > 0 && rankAt(from - 1) === rankAt(bound - 1)) from -= 1
  while (to < ordinals.length && rankAt(to) === rankAt(bound)) to += 1
  return ordinals.subarray(from, to)
}

/** In order. */
function ofKind({ order, kinds }: ValueColumn, kind: number): Uint32Array {
  const found = new Uint32Array(order.length)
  let count = 0
  for (const ordinal of order) if (kinds[ordinal] === kind) found[count++] = ordinal
  return found.subarray(0, count)
}
