import { deviceName } from '../fleet/identity.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, toBit } from './db.ts'

/** Devices from one number (without it) to another (with it), in order of arrival. */
export interface DeviceSlice {
  after: number
  upTo: number
}

/** A device that is put into a deployment. */
export interface NamedDevice {
  id: string
  number: number
  name: string
}

interface NamedRow {
  id: string
  number: number
  nickname: string
  identity: string
}

function prepare(db: Db) {
  db.function('device_name', { deterministic: true }, (id: unknown, nickname: unknown, identity: unknown) =>
    deviceName({ id: String(id), nickname: String(nickname), identity: JSON.parse(String(identity)) }),
  )
  return {
    last: db.prepare<[], number | null>('SELECT max(number) FROM device').pluck(),
    after: db.prepare<[number, number], number>('SELECT number FROM device WHERE number > ? ORDER BY number LIMIT 1 OFFSET ?').pluck(),
    accepted: db.prepare<{ after: number; upTo: number; group: string | null }, NamedRow>(`
      SELECT id, number, nickname, identity FROM device
      WHERE number > :after AND number <= :upTo AND status = 'accepted' AND (:group IS NULL OR group_name = :group) ORDER BY number`),
    addAccepted: db.prepare<DeviceSlice & { group: string | null; id: string; at: number }>(`
      INSERT INTO device_deployment (deployment_id, device, device_name, status, created_at)
      SELECT :id, number, device_name(id, nickname, identity), 'pending', :at FROM device
      WHERE number > :after AND number <= :upTo AND status = 'accepted' AND (:group IS NULL OR group_name = :group)`),
    has: db.prepare<[string, number], { found: 1 }>('SELECT 1 AS found FROM device_deployment WHERE deployment_id = ? AND device = ?'),
    insert: db.prepare<[string, number, string, number]>(`
      INSERT INTO device_deployment (deployment_id, device, device_name, status, created_at) VALUES (?, ?, ?, 'pending', ?)`),
    grow: db.prepare<[number, number, string]>(
      'UPDATE deployment SET device_count = device_count + ?, unfinished_count = unfinished_count + ? WHERE id = ?',
    ),
    leave: db.prepare<[string], { deployment_id: string }>(`
      DELETE FROM device_deployment WHERE device = (SELECT number FROM device WHERE id = ?) AND deployment_id IN (SELECT id FROM deployment WHERE is_filling = 1)
      RETURNING deployment_id`),
    count: db.prepare<[string]>(`
      INSERT INTO deployment_statistic SELECT id, 'pending', device_count FROM deployment WHERE id = ? AND device_count > 0`),
    show: db.prepare<{ id: string; isOpen: 0 | 1; at: number }>(`
      UPDATE deployment SET is_filling = 0, is_open = :isOpen, finished_at = iif(unfinished_count = 0 AND :isOpen = 0, :at, NULL)
      WHERE id = :id`),
    unfinished: db.prepare<[], { id: string }>('SELECT id FROM deployment WHERE is_filling = 1'),
    removeSome: db.prepare<[string, number]>(`
      DELETE FROM device_deployment WHERE (deployment_id, device) IN (
        SELECT deployment_id, device FROM device_deployment WHERE deployment_id = ? LIMIT ?)`),
    remove: db.prepare<[string]>('DELETE FROM deployment WHERE id = ? AND is_filling = 1'),
  }
}

function oneAfterTheOther() {
  const turn: { before: Promise<unknown> } = { before: Promise.resolve() }
  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.before.then(work)
    turn.before = mine.catch(() => undefined)
    return mine
  }
}

/** Deployments to so many devices that these are put in slice by slice. Until `finish` nobody sees such a one, and no device gets it. */
export function deploymentFilling(db: Db, changes: Changes) {
  const sql = prepare(db)
  return {
    /** Fills one deployment after the other, so that the same order twice is seen to be that. */
    oneByOne: oneAfterTheOther(),
    /** The next `size` devices after a number, whatever they are; null behind the last. */
    nextSlice(after: number, size: number): DeviceSlice | null {
      const last = sql.last.get() ?? null
      if (last === null || last <= after) return null
      return { after, upTo: sql.after.get(after, size - 1) ?? last }
    },
    /** The accepted devices of a slice, of one group or (null) of any. */
    accepted: (slice: DeviceSlice, group: string | null): NamedDevice[] =>
      sql.accepted.all({ ...slice, group }).map(({ id, number, nickname, identity }) => ({
        id,
        number,
        name: deviceName({ id, nickname, identity: JSON.parse(identity) }),
      })),
    /** Whether all of these devices are in a deployment. */
    hasAll: (id: string, devices: readonly Pick<NamedDevice, 'number'>[]): boolean =>
      devices.every(({ number }) => sql.has.get(id, number)),
    /** More devices; one transaction. */
    add(id: string, devices: readonly NamedDevice[], at: number): void {
      db.transaction(() => {
        for (const { number, name } of devices) sql.insert.run(id, number, name, at)
        sql.grow.run(devices.length, devices.length, id)
      })()
    },
    /** The accepted devices of a slice, of one group or (null) of any, without reading them; answers how many. One transaction. */
    addAccepted: (id: string, slice: DeviceSlice, { group, at }: { group: string | null; at: number }): number =>
      db.transaction(() => {
        const { changes: count } = sql.addAccepted.run({ ...slice, group, id, at })
        sql.grow.run(count, count, id)
        return count
      })(),
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
