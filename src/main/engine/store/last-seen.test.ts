import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Changes } from '../lib/changes.ts'
import { lastSeenPart } from './last-seen.ts'
import { migrate } from './migrations.ts'

describe('when devices were heard', () => {
  let db: Database.Database
  let changes: Changes
  let lastSeen: ReturnType<typeof lastSeenPart>
  beforeEach(() => {
    db = new Database(':memory:')
    migrate(db)
    changes = new Changes()
    lastSeen = lastSeenPart(db, changes)
  })
  afterEach(() => db.close())

  const insert = (id: string) =>
    db.prepare(`INSERT INTO device (id, identity_hash, identity, created_at, updated_at) VALUES (?, ?, '{}', 1, 1)`).run(id, id)
  const hear = (id: string, at: number) => lastSeen.set(id, { lastSeenAt: at, lastPollAt: at, pollIntervalMs: 5 })
  const written = () => db.prepare<[], string>('SELECT id FROM device WHERE last_seen_at IS NOT NULL ORDER BY id').pluck().all()

  it('is known at once, written some seconds later, and once only for a device that was heard often', () => {
    for (const id of ['a', 'b']) insert(id)
    for (const at of [1000, 2000, 3000]) hear('a', at)
    hear('b', 9000)
    expect(lastSeen.get('a').lastSeenAt).toBe(3000)
    lastSeen.writeDue(10_999)
    expect(written()).toEqual([])
    lastSeen.writeDue(11_000)
    expect(written()).toEqual(['a'])
    expect(db.prepare('SELECT last_seen_at FROM device WHERE id = ?').pluck().get('a')).toBe(3000)
    hear('a', 12_000)
    expect([lastSeen.pending('a')?.lastSeenAt, lastSeen.pending('b')?.lastSeenAt]).toEqual([12_000, 9000])
    lastSeen.flush()
    expect(written()).toEqual(['a', 'b'])
    expect([lastSeen.pending('a'), lastSeen.get('a').lastSeenAt]).toEqual([null, 12_000])
  })

  it('is written in stretches, and none is left over', () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `d${index}`)
    for (const id of ids) {
      insert(id)
      hear(id, 1000)
    }
    lastSeen.writeDue(50_000)
    const first = written().length
    expect(first).toBeLessThan(500)
    for (let tick = 1; tick < 20; tick += 1) lastSeen.writeDue(50_000)
    expect(written()).toHaveLength(1000)
  })

  it('is told to who follows the devices, once for all of a moment', () => {
    insert('a')
    let woken = 0
    changes.onNext(() => (woken += 1))
    expect([lastSeen.announce(), woken]).toEqual([false, 0])
    hear('a', 1)
    hear('a', 2)
    expect([lastSeen.announce(), lastSeen.announce(), woken]).toEqual([true, false, 1])
  })

  it('does not bring back a device that is gone, nor keep one that was never there', () => {
    insert('a')
    hear('a', 1)
    hear('unknown', 1)
    db.exec('DELETE FROM device')
    lastSeen.forget('a')
    lastSeen.flush()
    expect([lastSeen.get('a').lastSeenAt, lastSeen.get('unknown').lastSeenAt, lastSeen.pending('unknown')]).toEqual([null, null, null])
  })

  it('keeps at hand what a device said, and nothing that was taken back', () => {
    insert('a')
    const say = (name: string) => {
      lastSeen.forgetReported('a')
      db.prepare(`UPDATE device SET artifact_name = ? WHERE id = 'a'`).run(name)
      expect(lastSeen.reported('a').artifactName).toBe(name)
    }
    expect(lastSeen.reported('a')).toEqual({ deviceType: null, artifactName: null })
    say('v1')
    const failing = db.transaction(() => {
      say('v2')
      throw new Error('half-way')
    })
    expect(failing).toThrow('half-way')
    expect(lastSeen.reported('a').artifactName).toBe('v1')
  })
})
