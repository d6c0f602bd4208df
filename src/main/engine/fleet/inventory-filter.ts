import type { FilterTerm } from '../../contract/filters.ts'
import { compareNaturally } from '../lib/natural-order.ts'

export type AttributeValue = string | readonly string[]

type Test = (value: string) => boolean

/** Whether a device's attribute (undefined when it has none) meets the condition. Numbers compare as numbers, though clients send text. */
export function matches(term: FilterTerm, attribute: AttributeValue | undefined): boolean {
  return matcher(term)(attribute)
}

/** The same for many attributes: what the condition is made of is looked at once. */
export function matcher(term: FilterTerm): (attribute: AttributeValue | undefined) => boolean {
  const { type } = term
  const wanted = [term.value].flat().map(String)
  switch (type) {
    case '$eq':
    case '$in':
      return any(wanted.map(equal))
    case '$ne':
    case '$nin':
    case '$ltne': {
      const isAny = any(wanted.map(equal))
      return (attribute) => !isAny(attribute)
    }
    case '$exists': {
      const isWanted = term.value === true || term.value === 'true'
      return (attribute) => (attribute !== undefined && (typeof attribute === 'string' || attribute.length > 0)) === isWanted
    }
    case '$regex':
      return any(wanted.map(pattern))
    default:
      return any(wanted.map((other) => (value) => ordered(type, compareNumerically(value, other))))
  }
}

function any(tests: readonly Test[]): (attribute: AttributeValue | undefined) => boolean {
  const [only = () => false] = tests
  const passes: Test = tests.length > 1 ? (value) => tests.some((test) => test(value)) : only
  return (attribute) => attribute !== undefined && (typeof attribute === 'string' ? passes(attribute) : attribute.some(passes))
}

function ordered(type: FilterTerm['type'], order: number): boolean {
  if (type === '$gt') return order > 0
  if (type === '$gte') return order >= 0
  return type === '$lt' ? order < 0 : order <= 0
}

function equal(other: string): Test {
  if (!isNumber(other)) return (value) => value === other
  const number = Number(other)
  return (value) => value === other || (isNumber(value) && Number(value) === number)
}

/** Below, at or above zero: as numbers when both are, else as text with its runs of digits as numbers ("v1.10" after "v1.9"). */
export function compareNumerically(a: string, b: string): number {
  return isNumber(a) && isNumber(b) ? Number(a) - Number(b) : compareNaturally(a, b)
}

/** Whether the text is compared as a number. */
export function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text)
}

/** Only plain patterns: one with a repeated group or two repetitions in a row could take exponential time, and is matched as text. */
function pattern(text: string): Test {
  const isIn: Test = (value) => value.includes(text)
  if (text.length > 200 || /\)[+*{]|[+*}][+*{]/.test(text)) return isIn
  try {
    const compiled = new RegExp(text)
    return (value) => compiled.test(value.slice(0, 1000))
  } catch {
    // What is no regular expression can still be looked for.
    return isIn
  }
}
