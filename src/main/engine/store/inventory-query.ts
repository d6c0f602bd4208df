import type { Db } from './db.ts'
import type { DeviceSlice } from './deployment-filling.ts'
import { type DeviceTest, LISTED, type Parameter, condition, parameters, parametersOf, where } from './device-test.ts'
import { WITH_NUMBERS } from './inventory-sort.ts'

const numbersOf =
  (db: Db) =>
  (sql: string, values: readonly Parameter[]): number[] =>
    db
      .prepare<Parameter[], number>(sql)
      .pluck()
      .all(...values)

/** How many pass one test; by index. */
function counting(db: Db) {
  const one = (sql: string, values: readonly Parameter[]): number => numbersOf(db)(sql, values)[0] ?? 0
  return function having(test: DeviceTest): number {
    const { of, isNot, values } = test
    if (isNot) return one('SELECT count(*) FROM device', []) - having({ ...test, isNot: false })
    if (typeof of === 'string') return one(`SELECT count(*) FROM device WHERE ${condition(test)}`, parametersOf(test))
    if (!values) return one('SELECT device_count FROM attribute_name WHERE id = ?', [of.name])
    return one(`SELECT count(*) FROM attribute INDEXED BY attribute_by_value WHERE value ${LISTED}`, [JSON.stringify(values)])
  }
}

/** Devices by what they are and say, without reading more of them than is asked for. What may take long is asked slice by slice. */
export function inventoryQuery(db: Db) {
  const numbers = numbersOf(db)
  const having = counting(db)

  function rarest(tests: readonly DeviceTest[]): { test: DeviceTest; count: number } | undefined {
    const wanted = tests.filter(({ isNot }) => !isNot).map((test) => ({ test, count: having(test) }))
    return wanted.toSorted((a, b) => a.count - b.count)[0]
  }

  return {
    having,
    /** All that pass, in order of arrival, if something that they must have is rare; null when nothing is. */
    gather(tests: readonly DeviceTest[], atMost: number): number[] | null {
      const start = rarest(tests)
      if (!start || start.count > atMost) return null
      const { of, values } = start.test
      if (typeof of === 'string' || !values)
        return numbers(`SELECT number FROM device WHERE ${where(tests)} ORDER BY number`, parameters(tests))
      const others = tests.filter((test) => test !== start.test)
      const from = `(SELECT device FROM attribute INDEXED BY attribute_by_value WHERE value ${LISTED}) f CROSS JOIN device ON device.number = f.device`
      return numbers(`SELECT number FROM ${from} WHERE ${where(others)} ORDER BY number`, [JSON.stringify(values), ...parameters(others)])
    },
    /** How many of a slice pass. */
    countIn: (tests: readonly DeviceTest[], { after, upTo }: DeviceSlice): number =>
      numbers(`SELECT count(*) FROM device WHERE number > ? AND number <= ? AND ${where(tests)}`, [after, upTo, ...parameters(tests)])[0] ??
      0,
    /** Some of a slice that pass, in order of arrival. */
    numbersIn: (
      tests: readonly DeviceTest[],
      { after, upTo }: DeviceSlice,
      { offset, limit }: { offset: number; limit: number },
    ): number[] =>
      numbers(`SELECT number FROM device WHERE number > ? AND number <= ? AND ${where(tests)} ORDER BY number LIMIT ? OFFSET ?`, [
        ...[after, upTo, ...parameters(tests)],
        ...[limit, offset],
      ]),
    /** Those of the given that pass. */
    passing: (tests: readonly DeviceTest[], given: readonly number[]): number[] =>
      tests.length === 0
        ? [...given]
        : numbers(`SELECT number ${WITH_NUMBERS} WHERE ${where(tests)} ORDER BY wanted.key`, [JSON.stringify(given), ...parameters(tests)]),
    /** Devices with one of the values, in order of arrival, that pass. */
    withValue(values: readonly number[], tests: readonly DeviceTest[]): number[] {
      const from = 'attribute INDEXED BY attribute_by_value CROSS JOIN device ON device.number = attribute.device'
      return numbers(`SELECT device FROM ${from} WHERE attribute.value ${LISTED} AND ${where(tests)} ORDER BY device`, [
        JSON.stringify(values),
        ...parameters(tests),
      ])
    },
  }
}
