import type Database from 'better-sqlite3'
import { type UnitRecord, unitRecord } from '../../../contract/station.ts'
import { canonical, linked } from './chain.ts'

export const CHAIN_SCHEMA = `
CREATE TABLE IF NOT EXISTS unit_record (sequence INTEGER PRIMARY KEY, serial TEXT NOT NULL, work_order TEXT NOT NULL, record TEXT NOT NULL) STRICT;
`

/** The chain of records of units, which only grows. */
export class UnitRecords {
  readonly #db: Database.Database

  constructor(db: Database.Database) {
    this.#db = db
  }

  /** Call it within the transaction that does what the record says. */
  append(record: Parameters<typeof linked>[0]): UnitRecord {
    const link = linked(record, this.newest(null, 1)[0] ?? null)
    const insert = 'INSERT INTO unit_record (sequence, serial, work_order, record) VALUES (?, ?, ?, ?)'
    this.#db.prepare(insert).run(link.sequence, link.serial, link.order, canonical(link))
    return link
  }

  good(serial: string): UnitRecord | null {
    return this.#read("WHERE serial = ? AND json_extract(record, '$.result') = 'good'", [serial])[0] ?? null
  }

  /** In order; of one work order where it is named. */
  all(order: string | null): UnitRecord[] {
    return order === null ? this.#read('ORDER BY sequence', []) : this.#read('WHERE work_order = ? ORDER BY sequence', [order])
  }

  /** The newest first. */
  newest(order: string | null, limit: number): UnitRecord[] {
    return order === null
      ? this.#read('ORDER BY sequence DESC LIMIT ?', [limit])
      : this.#read('WHERE work_order = ? ORDER BY sequence DESC LIMIT ?', [order, limit])
  }

  #read(where: string, values: readonly (string | number)[]): UnitRecord[] {
    const rows = this.#db.prepare<(string | number)[], { record: string }>(`SELECT record FROM unit_record ${where}`).all(...values)
    return rows.map(({ record }) => unitRecord.parse(JSON.parse(record)))
  }
}
