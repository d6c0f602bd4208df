import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SCHEMA_VERSION } from './migrations.ts'
import { openStore } from './open.ts'

describe('a store on disk', () => {
  let folder = ''
  let path = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'))
    path = join(folder, 'bench.db')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made whole at the first opening and found again at the second', () => {
    const first = openStore(path)
    first.settings.set('answer', 42)
    first.close()
    const second = openStore(path)
    expect(second.devices.list()).toEqual([])
    second.close()
    const db = new Database(path)
    expect(db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    db.close()
  })

  it('is refused when a newer build has written it', () => {
    openStore(path).close()
    const db = new Database(path)
    db.pragma(`user_version = ${SCHEMA_VERSION + 1}`)
    db.close()
    expect(() => openStore(path)).toThrow(`The database has schema ${SCHEMA_VERSION + 1}`)
  })

  it('forgets nothing of a transaction that failed half-way: it never happened', () => {
    const store = openStore(path)
    expect(() =>
      store.transaction(() => {
        store.devices.add({ id: 'd1', identityHash: 'h1', identity: { mac: '1' }, createdAt: 1 })
        throw new Error('half-way')
      }),
    ).toThrow('half-way')
    expect(store.devices.list()).toEqual([])
    store.close()
  })

  it('keeps last-seen times in memory, shows them at once, and writes them when it is closed', () => {
    const store = openStore(path)
    store.devices.add({ id: 'd1', identityHash: 'h1', identity: { mac: '1' }, createdAt: 1 })
    store.lastSeen.set('d1', { lastSeenAt: 5000, lastPollAt: 5000, pollIntervalMs: 1000 })
    expect(store.devices.get('d1')).toMatchObject({ lastSeenAt: 5000, pollIntervalMs: 1000 })
    store.close()
    const again = openStore(path)
    expect(again.devices.get('d1')).toMatchObject({ lastSeenAt: 5000, lastPollAt: 5000, pollIntervalMs: 1000 })
    again.close()
  })
})
