import type Database from 'better-sqlite3'
import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'

export const ORDER_SCHEMA = `
CREATE TABLE IF NOT EXISTS work_order (
  name TEXT PRIMARY KEY, total INTEGER NOT NULL, rows TEXT, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS station_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`

const orderRow = z.object({ serial: z.string(), columns: z.record(z.string(), z.string()) })
export type OrderRow = z.infer<typeof orderRow>

export interface StoredOrder {
  name: string
  total: number
  /** null for the next numbers of a series. */
  rows: OrderRow[] | null
  createdAt: number
}

interface Row {
  name: string
  total: number
  rows: string | null
  createdAt: number
}

/** What of a list may still be begun. */
interface Left {
  count: number
  /** The first of them. */
  next: string | null
}

// Beside min() SQLite takes the other columns from the row that has the least.
const LEFT = `SELECT count(*) AS count, min(row.key) AS first, row.value ->> 'serial' AS next FROM work_order, json_each(rows) AS row
  WHERE name = ? AND NOT EXISTS (SELECT 1 FROM unit WHERE serial = row.value ->> 'serial' AND number <> 'free')`

const SELECT = 'SELECT name, total, rows, created_at AS createdAt FROM work_order'

/** What is to be made. */
export class Orders {
  readonly #db: Database.Database
  readonly #now: () => number
  /** Orders do not change. */
  readonly #known = new Map<string, StoredOrder>()
  readonly #left = new Map<string, Left & { version: string }>()
  readonly #version: Database.Statement<[], { version: string }>

  constructor(db: Database.Database, now: () => number) {
    this.#db = db
    this.#now = now
    // The first number counts what other connections have changed, the second what this one has.
    this.#version = db.prepare("SELECT data_version || ' ' || total_changes() AS version FROM pragma_data_version")
  }

  /** CONFLICT when there is one of that name. */
  add(name: string, { rows, total }: Pick<StoredOrder, 'rows' | 'total'>): void {
    if (this.find(name)) throw new AppError('CONFLICT', `There is a work order ${name} already`, 'Give it another name.')
    const insert = 'INSERT INTO work_order (name, total, rows, created_at) VALUES (?, ?, ?, ?)'
    this.#db.prepare(insert).run(name, total, rows === null ? null : JSON.stringify(rows), this.#now())
  }

  find(name: string): StoredOrder | null {
    const known = this.#known.get(name)
    if (known) return known
    const row = this.#db.prepare<[string], Row>(`${SELECT} WHERE name = ?`).get(name)
    if (!row) return null
    const order = { ...row, rows: row.rows === null ? null : z.array(orderRow).parse(JSON.parse(row.rows)) }
    this.#known.set(name, order)
    return order
  }

  /** NOT_FOUND. */
  get(name: string): StoredOrder {
    const found = this.find(name)
    if (found) return found
    throw new AppError('NOT_FOUND', `There is no work order ${name}`, 'See otabench station orders.')
  }

  /** Numbers of a list that no unit bears, of this order or another one. Ten thousand cost 15 ms, so it is counted once until something is written. */
  left(name: string): Left {
    const version = this.#version.get()?.version ?? ''
    const known = this.#left.get(name)
    if (known?.version === version) return known
    const { count, next } = this.#db.prepare<[string], Left>(LEFT).get(name) ?? { count: 0, next: null }
    const left = { count, next, version }
    this.#left.set(name, left)
    return left
  }

  /** The newest first. */
  names(): string[] {
    const select = 'SELECT name FROM work_order ORDER BY created_at DESC, name'
    return this.#db
      .prepare<[], { name: string }>(select)
      .all()
      .map(({ name }) => name)
  }

  remove(name: string): void {
    this.#known.delete(name)
    this.#db.prepare('DELETE FROM work_order WHERE name = ?').run(name)
  }

  /** What the station remembers: a JSON value. */
  setting(name: string): unknown {
    const row = this.#db.prepare<[string], { value: string }>('SELECT value FROM station_setting WHERE name = ?').get(name)
    return row ? JSON.parse(row.value) : null
  }

  set(name: string, value: unknown): void {
    const upsert = 'INSERT INTO station_setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'
    this.#db.prepare(upsert).run(name, JSON.stringify(value))
  }
}
