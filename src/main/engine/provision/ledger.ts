import Database from 'better-sqlite3'
import { AppError } from '../../contract/errors.ts'
import type { HostKeys, PinnedKey } from './ssh/host-key.ts'
import { ORDER_SCHEMA, Orders } from './unit/orders.ts'
import { CHAIN_SCHEMA, UnitRecords } from './unit/unit-records.ts'
import { UNIT_SCHEMA, Units } from './unit/units.ts'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS host_key (
  place TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, algorithm TEXT NOT NULL, seen_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS series_number (
  series TEXT NOT NULL, number INTEGER NOT NULL, value TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('held', 'given', 'void', 'free')),
  board TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (series, number)
) STRICT;
`

export interface PinnedHost extends PinnedKey {
  /** `192.168.7.21`, or `[192.168.7.21]:2222`. */
  place: string
  seenAt: number
}

export interface SeriesNumber {
  series: string
  number: number
  value: string
  /** `held`: a run is at it, or broke off. `free`: its board failed, and the rule says that it is given again. */
  state: 'held' | 'given' | 'void' | 'free'
  /** What the board was known by before: a MAC. */
  board: string
  at: number
}

export interface SeriesRule {
  series: string
  pattern: string
  from: number
  to?: number | undefined
  whenFailed: 'void' | 'give-again'
}

/**
 * What provisioning has to remember on this machine: host keys and numbers that were given. A database of its own, so that a command line
 * works while a server holds the data folder; SQLite sees to it that no number is given twice.
 */
export class Ledger implements Disposable {
  readonly #db: Database.Database
  readonly #now: () => number
  readonly units: Units
  readonly records: UnitRecords
  readonly orders: Orders

  private constructor(db: Database.Database, now: () => number) {
    this.#db = db
    this.#now = now
    this.records = new UnitRecords(db)
    this.units = new Units(db, this.records, now)
    this.orders = new Orders(db, now)
  }

  static open(path: string, now: () => number): Ledger {
    const db = new Database(path, { timeout: 10_000 })
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.exec(SCHEMA)
    db.exec(UNIT_SCHEMA)
    db.exec(CHAIN_SCHEMA)
    db.exec(ORDER_SCHEMA)
    return new Ledger(db, now)
  }

  readonly hostKeys: HostKeys = {
    get: (place) => this.#db.prepare<[string], PinnedKey>('SELECT fingerprint, algorithm FROM host_key WHERE place = ?').get(place) ?? null,
    pin: (place, { fingerprint, algorithm }) => {
      const upsert =
        'INSERT INTO host_key VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, algorithm = excluded.algorithm, seen_at = excluded.seen_at'
      this.#db.prepare(upsert).run(place, fingerprint, algorithm, this.#now())
    },
  }

  /** Work that is done whole or not at all. */
  atomically<T>(work: () => T): T {
    return this.#db.transaction(work).immediate()
  }

  pinnedHosts(): PinnedHost[] {
    return this.#db.prepare<[], PinnedHost>('SELECT place, fingerprint, algorithm, seen_at AS seenAt FROM host_key ORDER BY place').all()
  }

  /** False for a host that was not pinned. */
  forgetHost(place: string): boolean {
    return this.#db.prepare('DELETE FROM host_key WHERE place = ?').run(place).changes > 0
  }

  numbers(): SeriesNumber[] {
    return this.#db.prepare<[], SeriesNumber>('SELECT * FROM series_number ORDER BY series, number').all()
  }

  /** The number that this text is of a series; null when it was never given. */
  given(series: string, value: string): SeriesNumber | null {
    const select = "SELECT * FROM series_number WHERE series = ? AND value = ? AND state = 'given'"
    return this.#db.prepare<[string, string], SeriesNumber>(select).get(series, value) ?? null
  }

  /** Takes the next number; it is held until `end` says what became of it. CONFLICT when the series is used up. */
  hold({ series, pattern, from, to }: SeriesRule, board: string): SeriesNumber {
    return this.#db
      .transaction(() => {
        const one = (sql: string) => this.#db.prepare<[string], { number: number | null }>(sql).get(series)?.number ?? null
        const free = one("SELECT min(number) AS number FROM series_number WHERE series = ? AND state = 'free'")
        const last = one('SELECT max(number) AS number FROM series_number WHERE series = ?')
        const number = free ?? Math.max(from, (last ?? from - 1) + 1)
        if (to !== undefined && number > to)
          throw new AppError('CONFLICT', `The series ${series} is used up: ${to} was its last number`, 'Raise its end in the recipe.')
        const value = pattern.replace(/\{(0+)\}/, (_, zeros: string) => String(number).padStart(zeros.length, '0'))
        const upsert =
          "INSERT INTO series_number VALUES (?, ?, ?, 'held', ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, state = 'held', board = excluded.board, at = excluded.at"
        this.#db.prepare(upsert).run(series, number, value, board, this.#now())
        return { series, number, value, state: 'held' as const, board, at: this.#now() }
      })
      .immediate()
  }

  end({ series, number }: Pick<SeriesNumber, 'series' | 'number'>, state: 'given' | 'void' | 'free'): void {
    this.#db.prepare('UPDATE series_number SET state = ?, at = ? WHERE series = ? AND number = ?').run(state, this.#now(), series, number)
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }
}
