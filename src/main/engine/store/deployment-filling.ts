import { deviceName } from '../fleet/identity.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, toBit } from './db.ts'

/** Devices from one id (without it) to another (with it), by id: however few of them are meant, reading them takes as long. */
export interface DeviceSlice {
  after: string
  upTo: string
}

interface NamedRow {
  id: string
  nickname: string
  identity: string
}

function prepare(db: Db) {
  return {
    lastId: db.prepare<[], { id: string | null }>('SELECT max(id) AS id FROM device'),
    idAfter: db.prepare<[string, number], { id: string }>('SELECT id FROM device WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?'),
    accepted: db.prepare<{ after: string; upTo: string; group: string | null }, NamedRow>(`
      SELECT id, nickname, identity FROM device
      WHERE id > :after AND id <= :upTo AND status = 'accepted' AND (:group IS NULL OR group_name = :group) ORDER BY id`),
    has: db.prepare<[string, string], { found: 1 }>('SELECT 1 AS found FROM device_deployment WHERE deployment_id = ? AND device_id = ?'),
    insert: db.prepare<[string, string, string, number]>(`
      INSERT INTO device_deployment (deployment_id, device_id, device_name, status, created_at) VALUES (?, ?, ?, 'pending', ?)`),
    grow: db.prepare<[number, number, string]>(
      'UPDATE deployment SET device_count = device_count + ?, unfinished_count = unfinished_count + ? WHERE id = ?',
    ),
    leave: db.prepare<[string], { deployment_id: string }>(`
      DELETE FROM device_deployment WHERE device_id = ? AND deployment_id IN (SELECT id FROM deployment WHERE is_filling = 1)
      RETURNING deployment_id`),
    count: db.prepare<[string]>(`
      INSERT INTO deployment_statistic SELECT id, 'pending', device_count FROM deployment WHERE id = ? AND device_count > 0`),
    show: db.prepare<{ id: string; isOpen: 0 | 1; at: number }>(`
      UPDATE deployment SET is_filling = 0, is_open = :isOpen, finished_at = iif(unfinished_count = 0 AND :isOpen = 0, :at, NULL)
      WHERE id = :id`),
    unfinished: db.prepare<[], { id: string }>('SELECT id FROM deployment WHERE is_filling = 1'),
    removeSome: db.prepare<[string, number]>(`
      DELETE FROM device_deployment WHERE (deployment_id, device_id) IN (
        SELECT deployment_id, device_id FROM device_deployment WHERE deployment_id = ? LIMIT ?)`),
    remove: db.prepare<[string]>('DELETE FROM deployment WHERE id = ? AND is_filling = 1'),
  }
}

/** Deployments to so many devices that these are put in slice by slice. Until `finish` nobody sees such a one, and no device gets it. */
export function deploymentFilling(db: Db, changes: Changes) {
  const sql = prepare(db)
  const turn: { before: Promise<unknown> } = { before: Promise.resolve() }
  return {
    /** Fills one deployment after the other, so that the same order twice is seen to be that. */
    async oneByOne<T>(fill: () => Promise<T>): Promise<T> {
      const mine = turn.before.then(fill)
      turn.before = mine.catch(() => undefined)
      return mine
    },
    /** The next `size` devices after an id, whatever they are; null behind the last. */
    nextSlice(after: string, size: number): DeviceSlice | null {
      const last = sql.lastId.get()?.id ?? null
      if (last === null || last <= after) return null
      return { after, upTo: sql.idAfter.get(after, size - 1)?.id ?? last }
    },
    /** The accepted devices of a slice, of one group or (null) of any. */
    accepted: (slice: DeviceSlice, group: string | null): { id: string; name: string }[] =>
      sql.accepted.all({ ...slice, group }).map(({ id, nickname, identity }) => ({
        id,
        name: deviceName({ id, nickname, identity: JSON.parse(identity) }),
      })),
    /** Whether all of these devices are in a deployment. */
    hasAll: (id: string, deviceIds: Iterable<string>): boolean => [...deviceIds].every((deviceId) => sql.has.get(id, deviceId)),
    /** More devices; one transaction. */
    add(id: string, devices: readonly { id: string; name: string }[], at: number): void {
      db.transaction(() => {
        for (const device of devices) sql.insert.run(id, device.id, device.name, at)
        sql.grow.run(devices.length, devices.length, id)
      })()
    },
    /** Takes a device out of whatever is being filled; in the transaction that removes it. */
    leave(deviceId: string): void {
      for (const { deployment_id } of sql.leave.all(deviceId)) sql.grow.run(-1, -1, deployment_id)
    },
    /** From here on it is a deployment like any other, open or not. */
    finish(id: string, { isOpen, at }: { isOpen: boolean; at: number }): void {
      db.transaction(() => {
        sql.count.run(id)
        sql.show.run({ id, isOpen: toBit(isOpen), at })
      })()
      changes.bump()
    },
    /** One that is being filled now, or what an end of the process has left. */
    unfinished: (): string[] => sql.unfinished.all().map(({ id }) => id),
    /** Takes one back, up to `size` devices a call; answers whether it is gone. */
    takeBack(id: string, size: number): boolean {
      if (sql.removeSome.run(id, size).changes === size) return false
      sql.remove.run(id)
      return true
    },
  }
}
