import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from './migrations.ts'
import { versionHistory } from './version-history.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 4, 1)

describe('what devices ran', () => {
  let db: Database.Database
  let history: ReturnType<typeof versionHistory>
  beforeEach(() => {
    db = new Database(':memory:')
    migrate(db)
    history = versionHistory(db)
  })
  afterEach(() => db.close())

  const change = (at: number, name: string, delta: number) =>
    db.prepare(`INSERT INTO version_change VALUES (?, 'board', '', ?, ?)`).run(at, name, delta)
  const count = () => db.prepare('SELECT count(*) FROM version_change').pluck().get()
  const ALL = { group: null, deviceType: null }
  const at = (time: number) =>
    Object.fromEntries(
      history.deltas({ ...ALL, fromAt: time, toAt: time, stepMs: 1000 }).map(({ artifactName, delta }) => [artifactName, delta]),
    )

  it('follows whatever changes a device, and is the same as counting them', () => {
    db.exec(
      `INSERT INTO device (id, identity_hash, identity, created_at, updated_at) VALUES ('a', 'a', '{}', 1, 1), ('b', 'b', '{}', 1, 1)`,
    )
    const now = () => at(Date.now() + 1000)
    db.exec(`UPDATE device SET artifact_name = 'v1', device_type = 'board'`)
    expect(now()).toEqual({})
    db.exec(`UPDATE device SET status = 'accepted'`)
    expect(now()).toEqual({ v1: 2 })
    db.exec(`UPDATE device SET artifact_name = 'v2' WHERE id = 'a'`)
    db.exec(`UPDATE device SET last_seen_at = 5, artifact_name = 'v2' WHERE id = 'a'`)
    expect(now()).toEqual({ v1: 1, v2: 1 })
    db.exec(`UPDATE device SET status = 'rejected' WHERE id = 'a'; DELETE FROM device WHERE id = 'b'`)
    expect(now()).toEqual({})
  })

  it('is told by longer steps with age, and no count is lost', () => {
    for (let index = 0; index < 1000; index += 1) {
      change(NOW - 3 * DAY_MS + index * 10_000, 'v1', 1)
      change(NOW - 100 * DAY_MS + index * 600_000, 'v1', 1)
    }
    change(NOW - 10_000, 'v2', 5)
    change(NOW - 20_000, 'v2', 1)
    history.coarsen(NOW)
    expect(at(NOW)).toEqual({ v1: 2000, v2: 6 })
    expect(count()).toBeLessThan(200)
    expect(at(NOW - 15_000)).toEqual({ v1: 2000, v2: 1 })
    const kept = count()
    history.coarsen(NOW)
    expect(count()).toBe(kept)
    history.coarsen(NOW + 3000 * DAY_MS)
    expect(at(NOW + 3000 * DAY_MS)).toEqual({ v1: 2000, v2: 6 })
    expect(count()).toBeLessThan(8)
  })
})
