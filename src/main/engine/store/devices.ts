import type { z } from 'zod'
import { type AuthStatus, authStatus, device } from '../../contract/devices.ts'
import type { Changes } from '../lib/changes.ts'
import type { AttributeWriter } from './attribute-values.ts'
import type { SilenceRule } from '../../contract/silence.ts'
import { sortKey } from '../fleet/sort-key.ts'
import { silenceNumbers } from '../fleet/silence.ts'
import { type Db, readJson } from './db.ts'
import type { DeviceSlice } from './deployment-filling.ts'
import type { LastSeen, LastSeenPart, Reported } from './last-seen.ts'

export type Identity = z.infer<typeof device.shape.identity>

/** A device as the server knows it; what its card shows is put together elsewhere. */
export interface StoredDevice extends LastSeen {
  id: string
  /** Its place in the order of arrival, by which large tables know it. */
  number: number
  /** SHA-256 of the normalised identity, lower hex: one device an identity. */
  identityHash: string
  identity: Identity
  /** Empty when nobody has named it. */
  nickname: string
  group: string | null
  /** Derived from its authsets by the rule of fleet/authsets.ts, kept here so that devices can be listed by it. */
  status: AuthStatus
  /** As it said itself, last. */
  deviceType: string | null
  artifactName: string | null
  createdAt: number
  updatedAt: number
  /** Since when it counts as silent; null while it does not. */
  silentAt: number | null
}

interface DeviceRow {
  id: string
  number: number
  identity_hash: string
  identity: string
  nickname: string
  group_name: string | null
  status: string
  device_type: string | null
  artifact_name: string | null
  created_at: number
  updated_at: number
  silent_at: number | null
  last_seen_at: number | null
  last_poll_at: number | null
  poll_interval_ms: number | null
}

/** Which devices, in order of arrival. Absent fields do not restrict. */
export interface DevicePage {
  status?: AuthStatus | undefined
  offset: number
  limit: number
}

function toDevice(row: DeviceRow, lastSeen: LastSeenPart): StoredDevice {
  const { id, number, nickname } = row
  const seen = lastSeen.pending(id) ?? {
    lastSeenAt: row.last_seen_at,
    lastPollAt: row.last_poll_at,
    pollIntervalMs: row.poll_interval_ms,
  }
  return {
    ...{ id, number, nickname },
    identityHash: row.identity_hash,
    identity: readJson(device.shape.identity, row.identity, 'identity'),
    group: row.group_name,
    status: authStatus.parse(row.status),
    deviceType: row.device_type,
    artifactName: row.artifact_name,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    silentAt: row.silent_at,
    ...seen,
  }
}

function prepare(db: Db) {
  const page = 'ORDER BY number LIMIT ? OFFSET ?'
  return {
    one: db.prepare<[string], DeviceRow>('SELECT * FROM device WHERE id = ?'),
    byHash: db.prepare<[string], DeviceRow>('SELECT * FROM device WHERE identity_hash = ?'),
    newestWith: db.prepare<[string, string, string], DeviceRow>(`
      SELECT device.* FROM attribute_name n JOIN attribute_value v ON v.name = n.id JOIN attribute a ON a.value = v.id
        JOIN device ON device.number = a.device
        WHERE n.scope = 'identity' AND n.name = ? AND v.sort_key = ? AND v.variant = ? ORDER BY device.number DESC LIMIT 1`),
    all: db.prepare<[], DeviceRow>('SELECT * FROM device ORDER BY number'),
    page: db.prepare<[number, number], DeviceRow>(`SELECT * FROM device ${page}`),
    pageOfStatus: db.prepare<[string, number, number], DeviceRow>(`SELECT * FROM device WHERE status = ? ${page}`),
    numbersOfStatus: db.prepare<[string, number], number>('SELECT number FROM device WHERE status = ? ORDER BY number LIMIT ?').pluck(),
    pageOfOthers: db.prepare<[string, number, number], DeviceRow>(`SELECT * FROM device WHERE status <> ? ${page}`),
    named: db.prepare<[], { number: number; nickname: string }>(
      `SELECT number, nickname FROM device INDEXED BY device_named WHERE nickname <> ''`,
    ),
    byIds: db.prepare<[string], DeviceRow>('SELECT * FROM device WHERE id IN (SELECT value FROM json_each(?)) ORDER BY number'),
    byNumbers: db.prepare<[string], DeviceRow>(
      'SELECT device.* FROM json_each(?) wanted CROSS JOIN device ON device.number = wanted.value ORDER BY wanted.key',
    ),
    count: db.prepare<[], { n: number }>('SELECT count(*) AS n FROM device'),
    countOfStatus: db.prepare<[string], { n: number }>('SELECT count(*) AS n FROM device WHERE status = ?'),
    acceptedIds: db.prepare<[string | null, string | null], { id: string }>(
      `SELECT id FROM device WHERE status = 'accepted' AND (? IS NULL OR group_name = ?) ORDER BY number`,
    ),
    nth: db.prepare<[number], { found: 1 }>('SELECT 1 AS found FROM device LIMIT 1 OFFSET ?'),
    nthOfGroup: db.prepare<[string, number], { found: 1 }>('SELECT 1 AS found FROM device WHERE group_name = ? LIMIT 1 OFFSET ?'),
    ofGroup: db.prepare<[string], DeviceRow>('SELECT * FROM device WHERE group_name = ? ORDER BY number'),
    groups: db.prepare<[], { name: string; n: number }>(
      'SELECT group_name AS name, count(*) AS n FROM device WHERE group_name IS NOT NULL GROUP BY group_name ORDER BY group_name',
    ),
    installed: db.prepare<[], { name: string; n: number }>(
      'SELECT artifact_name AS name, count(*) AS n FROM device WHERE artifact_name IS NOT NULL GROUP BY artifact_name',
    ),
    insert: db.prepare<[string, string, string, number, number]>(
      'INSERT INTO device (id, identity_hash, identity, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
    ),
    rename: db.prepare<[string, string]>('UPDATE device SET nickname = ? WHERE id = ?'),
    setGroup: db.prepare<[string | null, string]>('UPDATE device SET group_name = ? WHERE id = ?'),
    setReported: db.prepare<[string | null, string | null, number, string]>(
      'UPDATE device SET device_type = coalesce(?, device_type), artifact_name = coalesce(?, artifact_name), updated_at = ? WHERE id = ?',
    ),
    setSilent: db.prepare<[number | null, string]>('UPDATE device SET silent_at = ? WHERE id = ?'),
    inSlice: db.prepare<[number, number], DeviceRow>('SELECT * FROM device WHERE number > ? AND number <= ? ORDER BY number'),
    // As fleet/silence.ts has it: what it says in the end.
    maybeSilent: db.prepare<
      { after: number; upTo: number; now: number; offlineMs: number; missed: number | null; graceMs: number },
      DeviceRow
    >(`
      SELECT * FROM device WHERE number > :after AND number <= :upTo AND status = 'accepted' AND iif(silent_at IS NOT NULL,
        last_seen_at > silent_at, :now - last_seen_at > coalesce(:missed * poll_interval_ms + :graceMs, :offlineMs))`),
    remove: db.prepare<[string]>('DELETE FROM device WHERE id = ?'),
  }
}

interface Beside {
  changes: Record<'devices' | 'deviceFacts' | 'credentials', Changes>
  lastSeen: LastSeenPart
  attributes: AttributeWriter
}

/** Devices: identity, what a person calls them, what they said of themselves. Their keys are in authsets. */
export function deviceTable(db: Db, beside: Beside) {
  const sql = prepare(db)
  return { ...deviceReads(sql, beside), ...deviceWrites(db, sql, beside) }
}

function deviceReads(sql: ReturnType<typeof prepare>, { lastSeen }: Beside) {
  const read = (row: DeviceRow | undefined): StoredDevice | null => (row ? toDevice(row, lastSeen) : null)
  const readAll = (rows: DeviceRow[]): StoredDevice[] => rows.map((row) => toDevice(row, lastSeen))
  const counts = (rows: { name: string; n: number }[]): Map<string, number> => new Map(rows.map(({ name, n }) => [name, n]))
  return {
    get: (id: string) => read(sql.one.get(id)),
    byIdentityHash: (hash: string) => read(sql.byHash.get(hash)),
    /** The newest of those whose identity has this among its attributes. */
    newestWith(name: string, value: string): StoredDevice | null {
      const { key, variant } = sortKey(value)
      return read(sql.newestWith.get(name, key, variant))
    },
    list: () => readAll(sql.all.all()),
    /** In the order of the numbers that are given. */
    byNumbers: (numbers: readonly number[]) => readAll(sql.byNumbers.all(JSON.stringify(numbers))),
    byIds: (ids: readonly string[]) => readAll(sql.byIds.all(JSON.stringify(ids))),
    page({ status, offset, limit }: DevicePage): StoredDevice[] {
      return readAll(status === undefined ? sql.page.all(limit, offset) : sql.pageOfStatus.all(status, limit, offset))
    },
    /** A page of those of several statuses, no more of which are read than it takes to get there. */
    pageOfStatuses(statuses: readonly AuthStatus[], { offset, limit }: { offset: number; limit: number }): StoredDevice[] {
      const numbers = [...new Set(statuses)].flatMap((status) => sql.numbersOfStatus.all(status, offset + limit))
      return readAll(sql.byNumbers.all(JSON.stringify(numbers.toSorted((a, b) => a - b).slice(offset, offset + limit))))
    },
    /** A page of all, of which those of one status come first. */
    pageLedBy(status: AuthStatus, { offset, limit }: { offset: number; limit: number }): StoredDevice[] {
      const first = readAll(sql.pageOfStatus.all(status, limit, offset))
      const skip = Math.max(0, offset - (sql.countOfStatus.get(status)?.n ?? 0))
      return [...first, ...readAll(sql.pageOfOthers.all(status, limit - first.length, skip))]
    },
    /** Numbers of those that somebody has given a name that holds the text, in any case of letters. */
    named: (text: string): number[] =>
      sql.named
        .all()
        .filter(({ nickname }) => nickname.toLowerCase().includes(text.toLowerCase()))
        .map(({ number }) => number),
    inSlice: ({ after, upTo }: DeviceSlice) => readAll(sql.inSlice.all(after, upTo)),
    /** Accepted devices of a slice of whose silence there is something new, as far as is written. */
    maybeSilent: (slice: DeviceSlice, now: number, rule: SilenceRule) =>
      readAll(sql.maybeSilent.all({ ...slice, now, ...silenceNumbers(rule) })),
    count: (status?: AuthStatus): number => (status === undefined ? sql.count.get() : sql.countOfStatus.get(status))?.n ?? 0,
    /** Whether there are more than `limit`, of one group or (null) in all; does not count them. */
    areMoreThan: (limit: number, group: string | null): boolean =>
      (group === null ? sql.nth.get(limit) : sql.nthOfGroup.get(group, limit)) !== undefined,
    /** Of one group, or of all when it is null. */
    acceptedIds: (group: string | null): string[] => sql.acceptedIds.all(group, group).map(({ id }) => id),
    ofGroup: (group: string) => readAll(sql.ofGroup.all(group)),
    /** Every group that has a device, with how many, by name. */
    groups: () => counts(sql.groups.all()),
    /** How many devices say that they run which artifact. */
    installedCounts: () => counts(sql.installed.all()),
  }
}

function deviceWrites(
  db: Db,
  sql: ReturnType<typeof prepare>,
  { changes: { devices: changes, deviceFacts, credentials }, lastSeen, attributes }: Beside,
) {
  const tellFacts = (): void => {
    changes.bump()
    deviceFacts.bump()
  }
  return {
    add({ id, identityHash, identity, createdAt }: Pick<StoredDevice, 'id' | 'identityHash' | 'identity' | 'createdAt'>): void {
      db.transaction(() => {
        const { lastInsertRowid } = sql.insert.run(id, identityHash, JSON.stringify(identity), createdAt, createdAt)
        // Searches find the identity where they find the rest.
        for (const [name, value] of Object.entries(identity))
          attributes.set(Number(lastInsertRowid), { scope: 'identity', name, value }, createdAt)
      })()
      tellFacts()
    },
    rename(id: string, nickname: string): void {
      sql.rename.run(nickname, id)
      tellFacts()
    },
    /** null takes them out of their groups. Answers how many of the ids are known. */
    setGroup(ids: readonly string[], group: string | null): number {
      const known = db.transaction(() => ids.reduce((sum, id) => sum + sql.setGroup.run(group, id).changes, 0))()
      changes.bump()
      return known
    },
    /** What the device says it is and runs; null leaves the old word standing. */
    setReported(id: string, reported: Reported & { at: number }): void {
      lastSeen.forgetReported(id)
      sql.setReported.run(reported.deviceType, reported.artifactName, reported.at, id)
      tellFacts()
    },
    /** Since when it counts as silent, or null. */
    setSilent(id: string, at: number | null): void {
      sql.setSilent.run(at, id)
      changes.bump()
    },
    /** Takes its authsets and attributes along; what was deployed to it stays in the history. */
    remove(id: string): void {
      sql.remove.run(id)
      lastSeen.forget(id)
      tellFacts()
      credentials.bump()
    },
  }
}
