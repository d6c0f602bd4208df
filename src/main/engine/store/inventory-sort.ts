import { z } from 'zod'
import { sortKey } from '../fleet/sort-key.ts'
import type { Db } from './db.ts'
import type { DeviceSlice } from './deployment-filling.ts'
import { type DeviceTest, type Parameter, parameters, where } from './device-test.ts'

/** What devices are put in order by: a column, or an attribute by its number. Those that have nothing there come last. */
export interface SortTerm {
  by: 'status' | 'group_name' | 'id' | 'created_at' | 'updated_at' | 'last_seen_at' | { name: number }
  isDescending: boolean
}

export const WITH_NUMBERS = 'FROM json_each(?) wanted CROSS JOIN device ON device.number = wanted.value'

const columnOf = (by: Extract<SortTerm['by'], string>): string =>
  by === 'id' || by === 'group_name' ? `order_key(device.${by})` : `device.${by}`

/** Joins of what is sorted by, what stands in ORDER BY, and what is bound in the joins. */
function sorting(terms: readonly SortTerm[]): { joins: string; order: string; values: Parameter[] } {
  const attributes = terms.flatMap(({ by }, index) => (typeof by === 'string' ? [] : [{ index, name: by.name }]))
  const order = terms.map(({ by, isDescending }, index) => {
    return `${typeof by === 'string' ? columnOf(by) : `v${index}.sort_key`} ${isDescending ? 'DESC' : 'ASC'} NULLS LAST`
  })
  return {
    joins: attributes
      .map(
        ({ index }) => `
        LEFT JOIN attribute a${index} ON a${index}.device = device.number AND a${index}.name = ?
        LEFT JOIN attribute_value v${index} ON v${index}.id = a${index}.value`,
      )
      .join(''),
    order: [...order, 'device.number'].join(', '),
    values: attributes.map(({ name }) => name),
  }
}

const textOrNull = z.string().nullable()

/** Devices in an order: as many at once as are named or in a slice. */
export function inventorySort(db: Db) {
  db.function('order_key', { deterministic: true }, (value: unknown) => {
    const text = textOrNull.parse(value)
    return text === null ? null : sortKey(text).key
  })
  const numbers = (sql: string, values: readonly Parameter[]): number[] =>
    db
      .prepare<Parameter[], number>(sql)
      .pluck()
      .all(...values)
  return {
    /** The first of the given in an order. */
    sorted(terms: readonly SortTerm[], given: readonly number[], limit: number): number[] {
      const { joins, order, values } = sorting(terms)
      return numbers(`SELECT device.number ${WITH_NUMBERS}${joins} ORDER BY ${order} LIMIT ?`, [JSON.stringify(given), ...values, limit])
    },
    /** The first of those of a slice that pass, in an order. */
    sortedIn(terms: readonly SortTerm[], tests: readonly DeviceTest[], { after, upTo, limit }: DeviceSlice & { limit: number }): number[] {
      const { joins, order, values } = sorting(terms)
      const sql = `SELECT device.number FROM device${joins} WHERE number > ? AND number <= ? AND ${where(tests)} ORDER BY ${order} LIMIT ?`
      return numbers(sql, [...values, after, upTo, ...parameters(tests), limit])
    },
    /** Of all devices, by when they came. */
    byAge: (isDescending: boolean, { offset, limit }: { offset: number; limit: number }): number[] =>
      numbers(`SELECT number FROM device ORDER BY created_at ${isDescending ? 'DESC' : 'ASC'}, number LIMIT ? OFFSET ?`, [limit, offset]),
  }
}
