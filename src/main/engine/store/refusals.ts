import { device } from '../../contract/devices.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, readJson } from './db.ts'
import type { Identity } from './devices.ts'

/** Why a device with this identity and key was answered 401 last. */
export interface StoredRefusal {
  identityHash: string
  /** Of the key; empty when it was the token that was refused. */
  fingerprint: string
  identity: Identity
  address: string
  reason: string
  firstAt: number
  lastAt: number
  times: number
}

interface RefusalRow {
  identity_hash: string
  fingerprint: string
  identity: string
  address: string
  reason: string
  first_at: number
  last_at: number
  times: number
}

/** Anybody may be refused; so many are remembered. */
const MAX_ROWS = 2000

function toRefusal(row: RefusalRow): StoredRefusal {
  const { fingerprint, address, reason, times } = row
  return {
    ...{ fingerprint, address, reason, times },
    identityHash: row.identity_hash,
    identity: readJson(device.shape.identity, row.identity, 'refusal'),
    firstAt: row.first_at,
    lastAt: row.last_at,
  }
}

export function refusalTable(db: Db, changes: Changes) {
  const upsert = db.prepare(`
    INSERT INTO refusal VALUES (:identityHash, :fingerprint, :identity, :address, :reason, :at, :at, 1)
    ON CONFLICT DO UPDATE SET address = excluded.address, last_at = excluded.last_at,
      times = iif(reason = excluded.reason, times + 1, 1), first_at = iif(reason = excluded.reason, first_at, excluded.first_at),
      reason = excluded.reason`)
  const prune = db.prepare<[number]>(
    'DELETE FROM refusal WHERE last_at < (SELECT last_at FROM refusal ORDER BY last_at DESC LIMIT 1 OFFSET ?)',
  )
  const selectAll = db.prepare<[number], RefusalRow>('SELECT * FROM refusal ORDER BY last_at DESC LIMIT ?')
  const selectIdentity = db.prepare<[string], RefusalRow>('SELECT * FROM refusal WHERE identity_hash = ? ORDER BY last_at DESC')
  const remove = db.prepare<[string, string]>('DELETE FROM refusal WHERE identity_hash = ? AND fingerprint = ?')
  return {
    note({
      identity,
      ...refusal
    }: Pick<StoredRefusal, 'identityHash' | 'fingerprint' | 'identity' | 'address' | 'reason'> & { at: number }): void {
      upsert.run({ ...refusal, identity: JSON.stringify(identity) })
      prune.run(MAX_ROWS)
      changes.bump()
    },
    /** The newest first. */
    list: (limit: number): StoredRefusal[] => selectAll.all(limit).map(toRefusal),
    ofIdentity: (hash: string): StoredRefusal[] => selectIdentity.all(hash).map(toRefusal),
    /** It was let in after all. */
    forget(identityHash: string, fingerprint: string): void {
      if (remove.run(identityHash, fingerprint).changes > 0) changes.bump()
    },
  }
}
