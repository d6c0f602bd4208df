import { basename } from 'node:path'
import { AppError } from '../../../contract/errors.ts'
import type { WorkOrder } from '../../../contract/station.ts'
import type { Files } from '../../host.ts'
import { readWhole } from '../../lib/file-streams.ts'
import type { Ledger } from '../ledger.ts'
import { nextRow } from '../unit/allocate.ts'
import { MAX_ORDER_BYTES, parseOrder } from '../unit/order-file.ts'
import type { StoredOrder } from '../unit/orders.ts'

/** Reads a list of units. NOT_FOUND, BAD_INPUT with the line; CONFLICT for serial numbers that were used before. */
export async function importOrder(ledger: Ledger, { name, path }: { name: string; path: string }, files: Files): Promise<WorkOrder> {
  const stat = await files.stat(path)
  if (stat?.kind !== 'file') throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path.')
  if (stat.sizeBytes > MAX_ORDER_BYTES)
    throw new AppError('BAD_INPUT', `${path} has ${stat.sizeBytes} bytes`, 'Make several work orders of it.')
  const rows = parseOrder(new TextDecoder().decode(await readWhole(files, path)), basename(path))
  const used = rows.filter(({ serial }) => ledger.units.isUsed(serial))
  if (used.length > 0) {
    const named = used.slice(0, 5).map(({ serial }) => serial)
    throw new AppError(
      'CONFLICT',
      `${used.length} of the serial numbers were used before: ${named.join(', ')}${used.length > named.length ? ' …' : ''}`,
      'See otabench station records.',
    )
  }
  ledger.orders.add(name, { rows, total: rows.length })
  return orderView(ledger, ledger.orders.get(name))
}

export function orderViews(ledger: Ledger): WorkOrder[] {
  return ledger.orders.names().map((name) => orderView(ledger, ledger.orders.get(name)))
}

/** `wanted`: the serial number that a person has asked for. */
export function orderView(ledger: Ledger, order: StoredOrder, wanted: string | null = null): WorkOrder {
  const { name, total, createdAt } = order
  const next = nextRow(ledger, order, wanted)?.serial ?? null
  const { good, failed, voided } = ledger.units.counts(name)
  return { name, total, good, failed, voided, left: leftOf(ledger, order), next, createdAt }
}

/** How many units may still be begun. A number of a list that is void is not made up for. */
export function leftOf(ledger: Ledger, { name, total, rows }: StoredOrder): number {
  if (rows !== null) return ledger.orders.left(name).count
  const { good, held } = ledger.units.counts(name)
  return Math.max(0, total - good - held)
}

/** CONFLICT for one that units were made of: their records name it. */
export function removeOrder(ledger: Ledger, name: string): void {
  ledger.orders.get(name)
  if (ledger.records.newest(name, 1).length > 0 || ledger.units.counts(name).held > 0)
    throw new AppError('CONFLICT', `Units were made of ${name}`, 'It stays, so that their records can be understood.')
  ledger.orders.remove(name)
}

/** So many units with the next numbers of the recipe's series. */
export function makeOrder(ledger: Ledger, { name, count }: { name: string; count: number }): WorkOrder {
  ledger.orders.add(name, { rows: null, total: count })
  return orderView(ledger, ledger.orders.get(name))
}
