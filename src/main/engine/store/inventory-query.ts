import type { Db } from './db.ts'

/** That a device has one of these values, or with `isNot` that it has none of them. */
export interface DeviceTest {
  /** A column of the device with plain values, or an attribute with values as the table holds them: JSON. */
  of: 'status' | 'group_name' | { scope: string; name: string }
  isNot: boolean
  values: readonly string[]
}

/** Up to so many devices are gathered and put in order; more are walked in order until the page is full. */
const GATHERED = 20_000

interface Built {
  from: string
  where: string
  values: string[]
  /** There are no more. */
  atMost: number
}

const LISTED = 'IN (SELECT value FROM json_each(?))'
const HAS_VALUE = `scope = ? AND name = ? AND value ${LISTED}`

function valuesOf({ of, values }: DeviceTest): string[] {
  const listed = JSON.stringify(values)
  return typeof of === 'string' ? [listed] : [of.scope, of.name, listed]
}

function condition({ of, isNot }: DeviceTest): string {
  if (typeof of === 'string') return isNot ? `(${of} IS NULL OR NOT ${of} ${LISTED})` : `${of} ${LISTED}`
  // The plus keeps SQLite with the primary key: one row a device.
  const row = `a.device_id = device.id AND a.scope = ? AND a.name = ? AND +a.value ${LISTED}`
  return `${isNot ? 'NOT ' : ''}EXISTS (SELECT 1 FROM attribute a WHERE ${row})`
}

/** Devices by their attributes, without reading more of them than is asked for. */
export function inventoryQuery(db: Db) {
  const nextValues = db.prepare<{ scope: string; name: string; after: string; limit: number }, { value: string }>(`
    WITH RECURSIVE found(value) AS (
      SELECT min(value) FROM attribute WHERE scope = :scope AND name = :name AND value > :after
      UNION ALL
      SELECT (SELECT min(value) FROM attribute WHERE scope = :scope AND name = :name AND value > found.value) FROM found
      WHERE found.value IS NOT NULL)
    SELECT value FROM found WHERE value IS NOT NULL LIMIT :limit`)
  const countAll = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM device')
  const numberOf = (sql: string, values: string[]): number => db.prepare<string[], { n: number }>(sql).get(...values)?.n ?? 0

  /** Of one test that is no negation. */
  function having(test: DeviceTest): number {
    const from =
      typeof test.of === 'string' ? `device WHERE ${condition(test)}` : `attribute INDEXED BY attribute_by_value WHERE ${HAS_VALUE}`
    return numberOf(`SELECT count(*) AS n FROM ${from}`, valuesOf(test))
  }

  /** Starts from the rarest thing that a device must have; from all devices when nothing is rare. */
  function build(tests: readonly DeviceTest[]): Built {
    const wanted = tests.filter(({ isNot }) => !isNot).map((test) => ({ test, count: having(test) }))
    const rarest = wanted.toSorted((a, b) => a.count - b.count)[0]
    const all = { where: tests.map(condition).join(' AND '), values: tests.flatMap(valuesOf) }
    if (!rarest) return { ...all, from: 'device', atMost: countAll.get()?.n ?? 0 }
    if (rarest.count > GATHERED || typeof rarest.test.of === 'string') return { ...all, from: 'device', atMost: rarest.count }
    const others = tests.filter((test) => test !== rarest.test)
    return {
      from: `(SELECT device_id FROM attribute INDEXED BY attribute_by_value WHERE ${HAS_VALUE}) f CROSS JOIN device ON device.id = f.device_id`,
      where: others.map(condition).join(' AND ') || 'TRUE',
      values: [...valuesOf(rarest.test), ...others.flatMap(valuesOf)],
      atMost: rarest.count,
    }
  }

  function count(tests: readonly DeviceTest[], { from, where, values, atMost }: Built): number {
    const [test] = tests
    if (test && tests.length === 1) return test.isNot ? atMost - having({ ...test, isNot: false }) : atMost
    return atMost === 0 ? 0 : numberOf(`SELECT count(*) AS n FROM ${from} WHERE ${where}`, values)
  }

  return {
    /** Different values of an attribute behind one of them, up to `limit`: texts by their code, then lists. */
    nextValues: (of: { scope: string; name: string }, after: string, limit: number): string[] =>
      nextValues.all({ ...of, after, limit }).map(({ value }) => value),
    count: (tests: readonly DeviceTest[]): number => count(tests, build(tests)),
    /** Ids of a page of the devices that pass all tests (one at least), in order of arrival, and how many there are. */
    page(tests: readonly DeviceTest[], { offset, limit }: { offset: number; limit: number }): { ids: string[]; total: number } {
      const built = build(tests)
      const total = count(tests, built)
      if (total <= offset) return { ids: [], total }
      // Few are gathered and sorted; of many, SQLite goes through all in order until the page is full.
      const from = built.from === 'device' && built.atMost > GATHERED ? 'device INDEXED BY device_by_age' : built.from
      const order = built.atMost > GATHERED ? 'device.created_at' : '+device.created_at'
      const sql = `SELECT device.id FROM ${from} WHERE ${built.where} ORDER BY ${order}, device.id LIMIT ? OFFSET ?`
      const found = db.prepare<(string | number)[], { id: string }>(sql).all(...built.values, limit, offset)
      return { ids: found.map(({ id }) => id), total }
    },
  }
}
