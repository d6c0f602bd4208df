import { z } from 'zod'
import { AppError } from './errors.ts'

export const filterOperator = z.enum(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$ltne', '$in', '$nin', '$exists', '$regex'])

/** One condition on a device's attributes, as Mender's inventory API has it. Several are ANDed. */
export const filterTerm = z.object({
  scope: z.string(),
  attribute: z.string(),
  type: filterOperator,
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]),
})
export type FilterTerm = z.infer<typeof filterTerm>

/** Devices by what they are and say: every term has to hold. */
export const deviceFilter = z.array(filterTerm).min(1).max(50)
export type DeviceFilter = z.infer<typeof deviceFilter>

const SCOPES = ['identity', 'inventory', 'system', 'tags', 'monitor']
/** Names that are no inventory though they are mostly written without a scope. */
const USUAL_SCOPE: Readonly<Record<string, string>> = { group: 'system', id: 'identity', status: 'identity' }
const OPERATORS: Readonly<Record<string, FilterTerm['type']>> = {
  '=': '$eq',
  '!=': '$ne',
  '>=': '$gte',
  '<=': '$lte',
  '>': '$gt',
  '<': '$lt',
  '~': '$regex',
}
const VALUE = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s",|&=<>~!][^\s",|&]*)`
const TERM = new RegExp(String.raw`^\s*(!)?\s*(?:(\w+)/)?([\w.:-]+)\s*(?:(!=|>=|<=|=|>|<|~)\s*(${VALUE}(?:\s*\|\s*${VALUE})*))?\s*`)
const GLUE = /^(?:,|&&?|and\b)/i
const ONE_VALUE = new RegExp(VALUE, 'g')
const PLAIN_VALUE = new RegExp(`^${VALUE}$`)
const HINT = 'Write for example: device_type=rpi4 and mem_mb>=512, tags/room=lab|office, !identity/virtual'

/**
 * The terms of a filter expression: `device_type=rpi4 and mem_mb>=512`. Values are compared as numbers where both sides are; `a|b` is
 * either, `~` a pattern, a name alone means that it is there, `!name` that it is not. Other scopes than the inventory stand in front,
 * as in `tags/room`. BAD_INPUT for what is none.
 */
export function parseFilter(text: string): DeviceFilter {
  const terms: FilterTerm[] = []
  let rest = text.trim()
  while (rest !== '' || terms.length === 0) {
    const found = TERM.exec(rest)
    if (!found) throw new AppError('BAD_INPUT', `The filter is not understood from "${rest.slice(0, 40)}" on`, HINT)
    terms.push(termOf(found))
    rest = rest.slice(found[0].length)
    const glue = GLUE.exec(rest)
    if (rest !== '' && !glue) throw new AppError('BAD_INPUT', `The filter is not understood from "${rest.slice(0, 40)}" on`, HINT)
    rest = rest.slice(glue?.[0].length ?? 0)
    if (glue && rest.trim() === '') throw new AppError('BAD_INPUT', 'The filter ends in the midst', HINT)
  }
  return terms
}

function termOf([, not, given, attribute = '', sign, values]: RegExpExecArray): FilterTerm {
  const scope = given ?? USUAL_SCOPE[attribute] ?? 'inventory'
  if (!SCOPES.includes(scope)) throw new AppError('BAD_INPUT', `"${scope}" is not a scope`, `Scopes are ${SCOPES.join(', ')}.`)
  if (sign === undefined || values === undefined) return { scope, attribute, type: '$exists', value: not === undefined }
  if (not !== undefined) throw new AppError('BAD_INPUT', `"!" stands alone before a name, not before ${attribute}${sign}`, HINT)
  const type = OPERATORS[sign] ?? '$eq'
  const [first = '', ...others] = (values.match(ONE_VALUE) ?? []).map(unquoted)
  if (others.length === 0) return { scope, attribute, type, value: first }
  if (type !== '$eq' && type !== '$ne') throw new AppError('BAD_INPUT', `"a|b" goes with = and !=, not with ${sign}`, HINT)
  return { scope, attribute, type: type === '$eq' ? '$in' : '$nin', value: [first, ...others] }
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
}

/** The expression of a filter; `parseFilter` reads it back. */
export function formatFilter(filter: readonly FilterTerm[]): string {
  return filter.map(formatTerm).join(' and ')
}

function formatTerm({ scope, attribute, type, value }: FilterTerm): string {
  const usual = USUAL_SCOPE[attribute] ?? 'inventory'
  const name = scope === usual ? attribute : `${scope}/${attribute}`
  if (type === '$exists') return value === true || value === 'true' ? name : `!${name}`
  const sign = Object.entries(OPERATORS).find(([, known]) => known === type)?.[0] ?? (type === '$in' ? '=' : '!=')
  return `${name}${sign}${[value].flat().map(quoted).join('|')}`
}

function quoted(value: string | number | boolean): string {
  const text = String(value)
  return PLAIN_VALUE.test(text) && !text.startsWith('"') ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}
