import { AppError } from '../../../contract/errors.ts'
import type { IdentitySource, Recipe } from '../../../contract/recipe.ts'
import { readOnBoard } from '../identity.ts'
import type { Ledger, SeriesRule } from '../ledger.ts'
import type { OrderRow, StoredOrder } from './orders.ts'
import type { Unit, UnitFacts } from './units.ts'

/** All about a unit but who it is. */
export type UnitFrame = Omit<UnitFacts, 'serial' | 'seriesNumber' | 'rule' | 'identity' | 'columns' | 'order'>

interface Allocation {
  ledger: Ledger
  order: StoredOrder
  recipe: Recipe
  /** Of numbers of a list. */
  whenFailed: 'void' | 'give-again'
  /** The one that a person has asked for. */
  wanted: string | null
  id: string
  frame: UnitFrame
}

/** Holds the next number of a work order for a card. null when nothing is left; CONFLICT for a wanted one that cannot be had. */
export function allocate({ ledger, order, recipe, whenFailed, wanted, id, frame }: Allocation): Unit | null {
  return ledger.atomically(() => {
    const { name, rows, total } = order
    if (rows === null) {
      const { good, held } = ledger.units.counts(name)
      if (good + held >= total) return null
      return fromSeries(ledger, { recipe, order: name, id, frame })
    }
    const row = nextRow(ledger, order, wanted)
    if (row === null) return null
    const identity = identityOf(recipe, row)
    return ledger.units.begin(id, { ...frame, ...row, identity, order: name, seriesNumber: null, rule: whenFailed })
  })
}

/** The row that is next; of all of them, where its number is wanted. */
export function nextRow({ orders }: Pick<Ledger, 'orders'>, { name, rows }: StoredOrder, wanted: string | null): OrderRow | null {
  if (rows === null) return null
  const next = wanted ?? orders.left(name).next
  return rows.find(({ serial }) => serial === next) ?? null
}

interface SeriesAllocation {
  recipe: Recipe
  order: string
  id: string
  frame: UnitFrame
}

function fromSeries(ledger: Ledger, { recipe, order, id, frame }: SeriesAllocation): Unit {
  const { rule } = seriesOf(recipe)
  for (;;) {
    const held = ledger.hold(rule, frame.slot)
    // A list may have had it.
    if (ledger.units.isUsed(held.value)) {
      ledger.end(held, 'void')
      continue
    }
    const identity = identityOf(recipe, seriesRow(recipe, held.value))
    const { series, number } = held
    return ledger.units.begin(id, {
      ...{ ...frame, serial: held.value, identity, columns: {}, order },
      ...{ seriesNumber: { series, number }, rule: rule.whenFailed },
    })
  }
}

/** The one series that numbers units. BAD_INPUT when there is none, or several. */
function seriesOf({ identity = {} }: Recipe): { name: string; rule: SeriesRule } {
  const found = Object.entries(identity).flatMap(([name, source]) => (isSeries(source) ? [{ name, rule: source }] : []))
  const [only] = found
  if (found.length === 1 && only) return only
  throw new AppError(
    'BAD_INPUT',
    `The recipe has ${found.length} series of numbers in its identity, and one is needed`,
    'Write for example identity: {serial: {series: boards, pattern: "SN-{00000}"}}, or take a list of serial numbers.',
  )
}

/** What a list would say of a unit with a number of the recipe's series. BAD_INPUT when it has none. */
export function seriesRow(recipe: Recipe, serial: string): OrderRow {
  return { serial, columns: { [seriesOf(recipe).name]: serial } }
}

function isSeries(source: IdentitySource): source is Extract<IdentitySource, { series: string }> {
  return typeof source === 'object' && 'series' in source
}

/** Who a unit is to the server: columns of the work order go before what the recipe says. BAD_INPUT for what only the board could say. */
export function identityOf({ identity = {} }: Recipe, { serial, columns }: OrderRow): Record<string, string> {
  const all: Record<string, string> = { ...columns, serial: columns['serial'] ?? serial }
  const unknown: string[] = []
  const values = Object.entries(identity).map(([name, source]) => {
    const value = all[name] ?? (typeof source === 'string' ? source : '')
    if (value === '') unknown.push(name)
    return [name, value] as const
  })
  if (unknown.length === 0) return Object.fromEntries(values)
  const onBoard = readOnBoard(identity).filter((name) => unknown.includes(name))
  const why = onBoard.length > 0 ? 'which the recipe reads on the board' : 'which nothing says'
  throw new AppError('BAD_INPUT', `${serial} has no ${unknown.join(', ')}, ${why}`, `Give the work order a column ${unknown.join(', ')}.`)
}
