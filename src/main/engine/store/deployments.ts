import { z } from 'zod'
import {
  AT_ONCE,
  type DeploymentPlan,
  type UpdateControlMap,
  type deploymentStatus,
  deploymentPlan,
  updateControlMap,
} from '../../contract/deployments.ts'
import { deviceDeploymentStatus } from '../../contract/devices.ts'
import { type DeviceFilter, deviceFilter } from '../../contract/filters.ts'
import { type Changes, untilChanged } from '../lib/changes.ts'
import { type Db, readJson, toBit } from './db.ts'

const statistics = z.partialRecord(deviceDeploymentStatus, z.number())

export interface StoredDeployment {
  id: string
  name: string
  artifactName: string
  /** Install also where the artifact runs already. */
  isForced: boolean
  /** The group it was made for, null when for single devices or all. */
  group: string | null
  plan: DeploymentPlan
  /** What admits devices, also later ones; null for a list. */
  filter: DeviceFilter | null
  /** Whether it still admits devices. */
  isOpen: boolean
  /** Why its own rule has stopped it; empty when it has not. */
  stoppedWhy: string
  deviceCount: number
  /** Devices that were let begin, and how many of them have ended. */
  admittedCount: number
  settledCount: number
  /** Never `scheduled`: that is a matter of the clock. */
  status: Exclude<z.infer<typeof deploymentStatus>, 'scheduled'>
  /** Devices by status; a status that nobody has is absent. */
  statistics: z.infer<typeof statistics>
  /** What its devices wait for; null: for nothing. */
  updateControlMap: UpdateControlMap | null
  kind: 'software' | 'configuration'
  createdAt: number
  finishedAt: number | null
}

/** For a list of devices at once, when nothing else is said. */
export type NewDeployment = Pick<StoredDeployment, 'id' | 'name' | 'artifactName' | 'isForced' | 'group' | 'createdAt'> &
  Partial<Pick<StoredDeployment, 'plan' | 'filter' | 'isOpen' | 'kind' | 'updateControlMap'>> & {
    /** Nobody sees it before deployment-filling has finished it. */
    isFilling?: boolean
  }

interface DeploymentRow {
  id: string
  name: string
  artifact_name: string
  is_forced: number
  group_name: string | null
  plan: string
  filter: string | null
  is_open: number
  stopped_why: string
  device_count: number
  admitted_count: number
  settled_count: number
  created_at: number
  finished_at: number | null
  statistics: string
  kind: string
  update_control_map: string | null
}

function toDeployment(row: DeploymentRow): StoredDeployment {
  const { id, name } = row
  const counts = statistics.parse(JSON.parse(row.statistics))
  const isUntouched = (counts.pending ?? 0) === row.device_count
  return {
    ...{ id, name },
    artifactName: row.artifact_name,
    isForced: row.is_forced === 1,
    group: row.group_name,
    plan: readJson(deploymentPlan, row.plan, 'deployment plan'),
    filter: row.filter === null ? null : readJson(deviceFilter, row.filter, 'deployment filter'),
    isOpen: row.is_open === 1,
    stoppedWhy: row.stopped_why,
    deviceCount: row.device_count,
    admittedCount: row.admitted_count,
    settledCount: row.settled_count,
    status: row.finished_at !== null ? 'finished' : isUntouched ? 'pending' : 'inprogress',
    statistics: counts,
    kind: row.kind === 'configuration' ? 'configuration' : 'software',
    updateControlMap: toMap(row.update_control_map),
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  }
}

function toMap(text: string | null): UpdateControlMap | null {
  return text === null ? null : readJson(updateControlMap, text, 'update control map')
}

const SELECT = `
  SELECT deployment.*, (
    SELECT json_group_object(status, device_count) FROM deployment_statistic WHERE deployment_id = deployment.id AND device_count > 0
  ) AS statistics FROM deployment`

function prepare(db: Db) {
  return {
    all: db.prepare<[], DeploymentRow>(`${SELECT} WHERE is_filling = 0 ORDER BY created_at DESC, rowid DESC`),
    one: db.prepare<[string], DeploymentRow>(`${SELECT} WHERE id = ? AND is_filling = 0`),
    active: db.prepare<[], DeploymentRow>(`${SELECT} WHERE finished_at IS NULL AND is_filling = 0 ORDER BY created_at, rowid`),
    open: db.prepare<[], DeploymentRow>(`${SELECT} WHERE is_open = 1 ORDER BY created_at, rowid`),
    insert: db.prepare(`
      INSERT INTO deployment (id, name, artifact_name, is_forced, group_name, device_count, unfinished_count, created_at, finished_at,
        plan, filter, is_open, kind, update_control_map, is_filling)
      VALUES (:id, :name, :artifactName, :isForced, :group, :count, :count, :createdAt, iif(:count = 0 AND :isOpen = 0 AND :isFilling = 0, :createdAt, NULL),
        :plan, :filter, :isOpen, :kind, :map, :isFilling)`),
    setMap: db.prepare<[string | null, string]>('UPDATE deployment SET update_control_map = ? WHERE id = ?'),
    grow: db.prepare<[number, number, string]>(
      'UPDATE deployment SET device_count = device_count + ?, unfinished_count = unfinished_count + ? WHERE id = ?',
    ),
    count: db.prepare<[string, number]>(`
      INSERT INTO deployment_statistic VALUES (?, 'pending', ?)
      ON CONFLICT DO UPDATE SET device_count = device_count + excluded.device_count`),
    close: db.prepare<[number, string]>(
      'UPDATE deployment SET is_open = 0, finished_at = iif(unfinished_count = 0, coalesce(finished_at, ?), finished_at) WHERE id = ?',
    ),
    setStoppedWhy: db.prepare<[string, string]>('UPDATE deployment SET stopped_why = ? WHERE id = ?'),
    insertDevice: db.prepare<[string, string, string, number]>(`
      INSERT INTO device_deployment (deployment_id, device, device_name, status, created_at)
      VALUES (?, (SELECT number FROM device WHERE id = ?), ?, 'pending', ?)`),
  }
}

/** What was ordered. What became of it on each device is in deviceDeployments. */
export function deploymentTable(db: Db, changes: Changes) {
  const sql = prepare(db)
  const open = untilChanged(changes, (): readonly StoredDeployment[] => sql.open.all().map(toDeployment))
  return {
    /** The newest first. */
    list: (): StoredDeployment[] => sql.all.all().map(toDeployment),
    /** Unfinished ones, the oldest first. */
    active: (): StoredDeployment[] => sql.active.all().map(toDeployment),
    get(id: string): StoredDeployment | null {
      const row = sql.one.get(id)
      return row ? toDeployment(row) : null
    },
    /** With a pending line for each device; one transaction. */
    add(
      {
        plan = AT_ONCE,
        filter = null,
        isOpen = false,
        updateControlMap: map = null,
        kind = 'software',
        isFilling = false,
        ...order
      }: NewDeployment,
      devices: readonly { id: string; name: string }[],
    ): void {
      db.transaction(() => {
        const bits = { isForced: toBit(order.isForced), isOpen: toBit(isOpen), isFilling: toBit(isFilling) }
        const texts = { plan: JSON.stringify(plan), filter: filter && JSON.stringify(filter), kind, map: toText(map) }
        sql.insert.run({ ...order, ...bits, ...texts, count: devices.length })
        for (const { id, name } of devices) sql.insertDevice.run(order.id, id, name, order.createdAt)
        if (devices.length > 0) sql.count.run(order.id, devices.length)
      })()
      changes.bump()
    },
    /** Those that still admit devices, the oldest first; each poll asks for them. */
    open,
    /** One more device in an open deployment; one transaction. */
    join(id: string, device: { id: string; name: string; at: number }): void {
      db.transaction(() => {
        sql.grow.run(1, 1, id)
        sql.count.run(id, 1)
        sql.insertDevice.run(id, device.id, device.name, device.at)
      })()
      changes.bump()
    },
    /** Admits nobody any more; it has ended when nobody is left. */
    close(id: string, at: number): void {
      sql.close.run(at, id)
      changes.bump()
    },
    setStoppedWhy(id: string, why: string): void {
      sql.setStoppedWhy.run(why, id)
      changes.bump()
    },
    setUpdateControlMap(id: string, map: UpdateControlMap | null): void {
      sql.setMap.run(toText(map), id)
      changes.bump()
    },
  }
}

const toText = (map: UpdateControlMap | null): string | null => map && JSON.stringify(map)
