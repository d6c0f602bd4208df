import { z } from 'zod'
import type { AuthStatus } from '../../contract/devices.ts'
import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'

export const authsetStatus = z.enum(['pending', 'accepted', 'rejected', 'preauthorized'])
export type AuthsetStatus = z.infer<typeof authsetStatus>

/** One key of a device. At most one of a device is accepted. */
export interface StoredAuthset {
  id: string
  deviceId: string
  /** PEM SubjectPublicKeyInfo, re-serialised, so that white space makes no second authset. */
  publicKeyPem: string
  /** SHA-256 of the DER, lower hex. */
  fingerprint: string
  algorithm: string
  status: AuthsetStatus
  createdAt: number
}

interface AuthsetRow {
  id: string
  device_id: string
  public_key: string
  fingerprint: string
  algorithm: string
  status: string
  created_at: number
}

function toAuthset(row: AuthsetRow): StoredAuthset {
  const { id, fingerprint, algorithm } = row
  const status = authsetStatus.parse(row.status)
  return { id, fingerprint, algorithm, status, deviceId: row.device_id, publicKeyPem: row.public_key, createdAt: row.created_at }
}

export function authsetTable(db: Db, { devices: changes, credentials }: { devices: Changes; credentials: Changes }) {
  const selectOne = db.prepare<[string], AuthsetRow>('SELECT * FROM authset WHERE id = ?')
  const selectKey = db.prepare<[string, string], AuthsetRow>('SELECT * FROM authset WHERE device_id = ? AND fingerprint = ?')
  const selectDevice = db.prepare<[string], AuthsetRow>('SELECT * FROM authset WHERE device_id = ? ORDER BY created_at, rowid')
  const selectDevices = db.prepare<[string], AuthsetRow>(
    'SELECT * FROM authset WHERE device_id IN (SELECT value FROM json_each(?)) ORDER BY created_at, rowid',
  )
  const selectExpected = db.prepare<[number], AuthsetRow>(
    "SELECT * FROM authset WHERE status = 'preauthorized' ORDER BY created_at DESC, rowid DESC LIMIT ?",
  )
  const countExpected = db.prepare<[], { count: number }>("SELECT count(*) AS count FROM authset WHERE status = 'preauthorized'")
  const insert = db.prepare('INSERT INTO authset VALUES (:id, :deviceId, :publicKeyPem, :fingerprint, :algorithm, :status, :createdAt)')
  const setStatus = db.prepare<[string, string]>('UPDATE authset SET status = ? WHERE id = ?')
  const setDevice = db.prepare<[string, number, string]>('UPDATE device SET status = ?, updated_at = ? WHERE id = ?')
  const remove = db.prepare<[string]>('DELETE FROM authset WHERE id = ?')

  /** Leaving "accepted" first: two accepted ones at a time are refused by the index. */
  function writeStatuses(statuses: ReadonlyMap<string, AuthsetStatus>): void {
    const accepted = [...statuses].filter(([, status]) => status === 'accepted')
    const others = [...statuses].filter(([, status]) => status !== 'accepted')
    for (const [id, status] of [...others, ...accepted]) setStatus.run(status, id)
  }

  return {
    get(id: string): StoredAuthset | null {
      const row = selectOne.get(id)
      return row ? toAuthset(row) : null
    },
    byKey(deviceId: string, fingerprint: string): StoredAuthset | null {
      const row = selectKey.get(deviceId, fingerprint)
      return row ? toAuthset(row) : null
    },
    ofDevice: (deviceId: string): StoredAuthset[] => selectDevice.all(deviceId).map(toAuthset),
    /** Those of each of these devices, by its id; none of a device that has none. */
    ofDevices: (deviceIds: readonly string[]): ReadonlyMap<string, StoredAuthset[]> =>
      Map.groupBy(selectDevices.all(JSON.stringify(deviceIds)).map(toAuthset), ({ deviceId }) => deviceId),
    /** Preauthorized ones, the newest first. */
    expected: (limit: number): StoredAuthset[] => selectExpected.all(limit).map(toAuthset),
    countExpected: (): number => countExpected.get()?.count ?? 0,
    add(authset: StoredAuthset): void {
      insert.run(authset)
      changes.bump()
    },
    /** New statuses of some of a device's authsets, and the device's own that follows from all of them; one transaction. */
    setStatuses(deviceId: string, change: { statuses: ReadonlyMap<string, AuthsetStatus>; deviceStatus: AuthStatus; at: number }): void {
      db.transaction(() => {
        writeStatuses(change.statuses)
        setDevice.run(change.deviceStatus, change.at, deviceId)
      })()
      changes.bump()
      credentials.bump()
    },
    remove(id: string): void {
      remove.run(id)
      changes.bump()
      credentials.bump()
    },
  }
}
