import type { FilterTerm } from '../../contract/filters.ts'
import { firstWhere } from '../lib/first-where.ts'
import { matcher } from './inventory-filter.ts'

/** The last millisecond of a year of four digits. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const toText = (at: number): string => new Date(at).toISOString()

/** Whether a time (milliseconds; NaN for none) meets the condition, which is about the text that the API writes of it. */
export function timeTest(term: FilterTerm): (at: number) => boolean {
  const matches = matcher(term)
  const test = (at: number): boolean => matches(Number.isNaN(at) ? undefined : toText(at))
  const none = test(Number.NaN)
  const bounded = (isBehind: (at: number) => boolean, isSuffix: boolean) => {
    // Texts of one length with numbers in them are in order as the times are.
    const bound = firstWhere([0, LAST + 1], isBehind)
    return (at: number): boolean => (Number.isNaN(at) ? none : at >= bound === isSuffix)
  }
  switch (term.type) {
    case '$gt':
    case '$gte':
      return bounded(test, true)
    case '$lt':
    case '$lte':
      return bounded((at) => !test(at), false)
    case '$regex':
      return test
    case '$exists':
      return (at) => (Number.isNaN(at) ? none : !none)
    default: {
      const wanted = new Set([term.value].flat().map((text) => Date.parse(String(text))))
      return (at) => (Number.isNaN(at) || !wanted.has(at) ? none : test(at))
    }
  }
}
