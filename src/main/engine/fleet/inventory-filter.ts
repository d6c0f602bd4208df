import type { FilterTerm } from '../../contract/filters.ts'

type AttributeValue = string | readonly string[]

/** Whether a device's attribute (undefined when it has none) meets the condition. Numbers compare as numbers, though clients send text. */
export function matches(term: FilterTerm, attribute: AttributeValue | undefined): boolean {
  const values = attribute === undefined ? [] : [attribute].flat()
  const wanted = [term.value].flat().map(String)
  const any = (test: (value: string, other: string) => boolean) => values.some((value) => wanted.some((other) => test(value, other)))
  switch (term.type) {
    case '$eq':
    case '$in':
      return any(isEqual)
    case '$ne':
    case '$nin':
    case '$ltne':
      return !any(isEqual)
    case '$exists':
      return values.length > 0 === (term.value === true || term.value === 'true')
    case '$regex':
      return any(fitsPattern)
    default:
      return any((value, other) => ordered(term.type, compareNumerically(value, other)))
  }
}

function ordered(type: FilterTerm['type'], order: number): boolean {
  if (type === '$gt') return order > 0
  if (type === '$gte') return order >= 0
  return type === '$lt' ? order < 0 : order <= 0
}

function isEqual(value: string, other: string): boolean {
  return value === other || (isNumber(value) && isNumber(other) && Number(value) === Number(other))
}

/** Below, at or above zero: as numbers when both are, else as text with its runs of digits as numbers ("v1.10" after "v1.9"). */
export function compareNumerically(a: string, b: string): number {
  return isNumber(a) && isNumber(b) ? Number(a) - Number(b) : collator.compare(a, b)
}

/** Whether the text is compared as a number. */
export function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text)
}

const collator = new Intl.Collator('en', { numeric: true })

/** Only plain patterns: one with a repeated group or two repetitions in a row could take exponential time, and is matched as text. */
function fitsPattern(value: string, pattern: string): boolean {
  if (pattern.length > 200 || /\)[+*{]|[+*}][+*{]/.test(pattern)) return value.includes(pattern)
  try {
    return new RegExp(pattern).test(value.slice(0, 1000))
  } catch {
    // What is no regular expression can still be looked for.
    return value.includes(pattern)
  }
}
