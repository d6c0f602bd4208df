import type Database from 'better-sqlite3'
import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import { RECORD_TEXT_LENGTH, type UnitRecord, cardId } from '../../../contract/station.ts'
import { UNIT_STATES, type UnitState } from './states.ts'
import type { UnitRecords } from './unit-records.ts'

export const UNIT_SCHEMA = `
CREATE TABLE IF NOT EXISTS unit (
  id TEXT PRIMARY KEY, serial TEXT NOT NULL, number TEXT NOT NULL CHECK (number IN ('held', 'given', 'void', 'free')),
  state TEXT, facts TEXT NOT NULL, key_fingerprint TEXT, device_id TEXT, work_order TEXT NOT NULL,
  result TEXT CHECK (result IN ('good', 'failed')), is_owed INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS unit_serial ON unit (serial) WHERE number <> 'free';
CREATE INDEX IF NOT EXISTS unit_order ON unit (work_order);
`

/** What a unit is to be. */
const unitFacts = z.object({
  serial: z.string(),
  /** The number of a series that it takes up; null for one of a list. */
  seriesNumber: z.object({ series: z.string(), number: z.int() }).nullable(),
  rule: z.enum(['void', 'give-again']),
  identity: z.record(z.string(), z.string()),
  columns: z.record(z.string(), z.string()),
  order: z.string(),
  slot: z.string(),
  card: cardId.nullable(),
  imageSha256: z.string(),
  /** What the server is called; null where none is told. */
  server: z.string().nullable(),
  hasLabel: z.boolean(),
  operator: z.string(),
  startedAt: z.int(),
})
export type UnitFacts = z.infer<typeof unitFacts>

/** A unit as the ledger has it. */
export interface Unit {
  id: string
  facts: UnitFacts
  state: UnitState
  keyFingerprint: string | null
  deviceId: string | null
}

/** How a unit ended that did not become one. */
export interface UnitFailure {
  why: string
  notUndone: readonly string[]
  number: 'void' | 'free'
  /** Whether a server has still to forget the device. */
  isOwed: boolean
}

interface Row {
  id: string
  facts: string
  state: string
  key_fingerprint: string | null
  device_id: string | null
}

const COLUMNS = 'id, facts, state, key_fingerprint, device_id'

/** Units that are made, were made, or were not to be; how each ends is recorded in the same moment. */
export class Units {
  readonly #db: Database.Database
  readonly #records: UnitRecords
  readonly #used: Database.Statement<[string]>
  readonly #now: () => number

  constructor(db: Database.Database, records: UnitRecords, now: () => number) {
    this.#db = db
    this.#records = records
    this.#used = db.prepare("SELECT 1 FROM unit WHERE serial = ? AND number <> 'free'")
    this.#now = now
  }

  #atomically<T>(work: () => T): T {
    return this.#db.transaction(work).immediate()
  }

  /** Holds a serial number. CONFLICT for one that is being made, was given, or is void. */
  begin(id: string, facts: UnitFacts): Unit {
    if (this.isUsed(facts.serial))
      throw new AppError('CONFLICT', `The serial number ${facts.serial} was used already`, 'See otabench station records.')
    const insert = "INSERT INTO unit (id, serial, number, state, facts, work_order, at) VALUES (?, ?, 'held', 'allocated', ?, ?, ?)"
    this.#db.prepare(insert).run(id, facts.serial, JSON.stringify(facts), facts.order, this.#now())
    return { id, facts, state: 'allocated', keyFingerprint: null, deviceId: null }
  }

  isUsed(serial: string): boolean {
    return this.#used.get(serial) !== undefined
  }

  /** Notes what is about to be done. */
  reach(unit: Unit, state: UnitState): void {
    unit.state = state
    const update = 'UPDATE unit SET state = ?, key_fingerprint = ?, device_id = ?, at = ? WHERE id = ?'
    this.#db.prepare(update).run(state, unit.keyFingerprint, unit.deviceId, this.#now(), unit.id)
  }

  /** The unit is good, its number given and its record written, all at once. */
  finish(unit: Unit): UnitRecord {
    return this.#atomically(() => {
      this.#end(unit, { number: 'given', result: 'good', isOwed: false })
      return this.#append(unit, { result: 'good', why: '', notUndone: [], number: 'given' })
    })
  }

  fail(unit: Unit, { why, notUndone, number, isOwed }: UnitFailure): UnitRecord {
    return this.#atomically(() => {
      this.#end(unit, { number, result: 'failed', isOwed })
      return this.#append(unit, { result: 'failed', why, notUndone: [...notUndone], number })
    })
  }

  /** Takes a number out of use. NOT_FOUND; CONFLICT while it is being made. Answers the unit that bears it, and whether a server knows it. */
  void(serial: string, why: string, { operator }: { operator: string }): { record: UnitRecord; unit: Unit; wasGood: boolean } {
    return this.#atomically(() => {
      const select = `SELECT ${COLUMNS}, number, result FROM unit WHERE serial = ? ORDER BY number = 'free', at DESC`
      const row = this.#db.prepare<[string], Row & { number: string; result: string | null }>(select).get(serial)
      if (!row) throw new AppError('NOT_FOUND', `No unit has the serial number ${serial}`, 'See otabench station records.')
      if (row.number === 'held') throw new AppError('CONFLICT', `${serial} is being made`, 'Wait until it is done.')
      if (row.number === 'void') throw new AppError('CONFLICT', `${serial} is void already`)
      const unit = unitOf(row)
      this.#db.prepare("UPDATE unit SET number = 'void', at = ? WHERE id = ?").run(this.#now(), unit.id)
      this.#setSeries(unit, 'void')
      const record = this.#append({ ...unit, facts: { ...unit.facts, operator } }, { result: 'void', why, notUndone: [], number: 'void' })
      return { record, unit, wasGood: row.result === 'good' }
    })
  }

  /** Whether a server has still to forget a device; that it has at last is recorded. */
  owe(unit: Unit, isOwed: boolean): void {
    this.#atomically(() => {
      this.#db.prepare('UPDATE unit SET is_owed = ? WHERE id = ?').run(isOwed ? 1 : 0, unit.id)
      if (!isOwed) this.#append(unit, { result: 'withdrawn', why: '', notUndone: [], number: 'void' })
    })
  }

  /** Those that nobody has brought to an end; they are interrupted when nobody is at them. */
  unfinished(): Unit[] {
    return this.#db.prepare<[], Row>(`SELECT ${COLUMNS} FROM unit WHERE number = 'held' ORDER BY at`).all().map(unitOf)
  }

  /** Those that a server has still to forget. */
  owed(): Unit[] {
    return this.#db.prepare<[], Row>(`SELECT ${COLUMNS} FROM unit WHERE is_owed = 1 ORDER BY at`).all().map(unitOf)
  }

  counts(order: string): { good: number; failed: number; voided: number; held: number } {
    const select = `SELECT count(*) FILTER (WHERE number = 'given') AS good, count(*) FILTER (WHERE result = 'failed') AS failed,
      count(*) FILTER (WHERE number = 'void') AS voided, count(*) FILTER (WHERE number = 'held') AS held FROM unit WHERE work_order = ?`
    const row = this.#db.prepare<[string], ReturnType<Units['counts']>>(select).get(order)
    return row ?? { good: 0, failed: 0, voided: 0, held: 0 }
  }

  #append(unit: Unit, end: Pick<UnitRecord, 'result' | 'why' | 'notUndone' | 'number'>): UnitRecord {
    const { seriesNumber: _series, rule: _rule, hasLabel: _label, ...facts } = unit.facts
    const { keyFingerprint, deviceId } = unit
    // What programs and servers say has no bound of its own, and a record has.
    const clip = (text: string) => text.slice(0, RECORD_TEXT_LENGTH)
    const said = { ...end, why: clip(end.why), notUndone: end.notUndone.map(clip) }
    return this.#records.append({ ...facts, ...said, keyFingerprint, deviceId, endedAt: this.#now() })
  }

  #end(unit: Unit, { number, result, isOwed }: { number: 'given' | 'void' | 'free'; result: string; isOwed: boolean }): void {
    const update = 'UPDATE unit SET number = ?, result = ?, is_owed = ?, key_fingerprint = ?, device_id = ?, at = ? WHERE id = ?'
    this.#db.prepare(update).run(number, result, isOwed ? 1 : 0, unit.keyFingerprint, unit.deviceId, this.#now(), unit.id)
    this.#setSeries(unit, number)
  }

  #setSeries({ facts: { seriesNumber } }: Unit, state: 'given' | 'void' | 'free'): void {
    if (seriesNumber === null) return
    const update = 'UPDATE series_number SET state = ?, at = ? WHERE series = ? AND number = ?'
    this.#db.prepare(update).run(state, this.#now(), seriesNumber.series, seriesNumber.number)
  }
}

function unitOf({ id, facts, state, key_fingerprint: keyFingerprint, device_id: deviceId }: Row): Unit {
  const known = UNIT_STATES.find((each) => each === state) ?? 'sealing'
  return { id, facts: unitFacts.parse(JSON.parse(facts)), state: known, keyFingerprint, deviceId }
}
