import { setImmediate as othersFirst } from 'node:timers/promises'
import { z } from 'zod'
import { type DeviceDeploymentStatus, deviceDeploymentStatus } from '../../contract/devices.ts'
import { type Changes, untilChanged } from '../lib/changes.ts'
import { type Db, readJson, toBit } from './db.ts'
import { idOfDevice, numberOfDevice } from './device-numbers.ts'

/** One deployment on one device. */
export interface StoredDeviceDeployment {
  deploymentId: string
  deviceId: string
  /** As the device was called when the deployment was made. */
  deviceName: string
  artifactName: string
  isForced: boolean
  /** How often the deployment lets a device try again. */
  retries: number
  status: DeviceDeploymentStatus
  /** Tries that have failed so far. */
  failedAttempts: number
  /** When it was let begin; null while it waits for its phase. */
  admittedAt: number | null
  substate: string
  /** Why it got nothing, or why it failed, in words; empty while there is nothing to say. */
  explanation: string
  /** The artifact that was chosen for it; null until it was offered one. */
  artifactId: string | null
  /** What it ran when it was offered the artifact. */
  previousArtifactName: string | null
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
  /** When it was taken out of the history of the device; it stays in the deployment. */
  deletedAt: number | null
  hasLog: boolean
}

export const logMessage = z.object({ at: z.string(), level: z.string(), message: z.string() })
export type LogMessage = z.infer<typeof logMessage>

interface DeviceDeploymentRow {
  deployment_id: string
  device: number
  device_id: string
  device_name: string
  artifact_name: string
  is_forced: number
  retries: number
  status: string
  failed_attempts: number
  admitted_at: number | null
  substate: string
  explanation: string
  artifact_id: string | null
  previous_artifact_name: string | null
  created_at: number
  started_at: number | null
  finished_at: number | null
  deleted_at: number | null
  has_log: number
}

function toDeviceDeployment(row: DeviceDeploymentRow): StoredDeviceDeployment {
  const { substate, explanation } = row
  return {
    deploymentId: row.deployment_id,
    deviceId: row.device_id,
    deviceName: row.device_name,
    artifactName: row.artifact_name,
    isForced: row.is_forced === 1,
    retries: row.retries,
    failedAttempts: row.failed_attempts,
    admittedAt: row.admitted_at,
    status: deviceDeploymentStatus.parse(row.status),
    ...{ substate, explanation },
    artifactId: row.artifact_id,
    previousArtifactName: row.previous_artifact_name,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    deletedAt: row.deleted_at,
    hasLog: row.has_log === 1,
  }
}

const SELECT = `
  SELECT dd.*, ${idOfDevice('dd.device')} AS device_id, deployment.artifact_name, deployment.is_forced,
    coalesce(deployment.plan ->> '$.retries', 0) AS retries,
    EXISTS (SELECT 1 FROM deployment_log l WHERE l.deployment_id = dd.deployment_id AND l.device = dd.device) AS has_log
  FROM device_deployment dd JOIN deployment ON deployment.id = dd.deployment_id AND deployment.is_filling = 0`

interface Key {
  deploymentId: string
  deviceId: string
}

/** Which devices of a deployment; null does not restrict. */
interface PartKind {
  id: string
  /** A JSON list. */
  statuses: string | null
  isFinished: 0 | 1 | null
}

/** How many devices are looked at before others get their turn. */
const SLICE = 10_000

const OF_KIND = `(:statuses IS NULL OR dd.status IN (SELECT value FROM json_each(:statuses)))
  AND (:isFinished IS NULL OR (dd.finished_at IS NOT NULL) = :isFinished)`
const NUMBER = numberOfDevice(':deviceId')
const OF_KEY = `deployment_id = :deploymentId AND device = ${NUMBER}`

function prepare(db: Db) {
  return {
    one: db.prepare<Key, DeviceDeploymentRow>(`${SELECT} WHERE dd.${OF_KEY}`),
    ofDeployment: db.prepare<[string], DeviceDeploymentRow>(`${SELECT} WHERE dd.deployment_id = ? ORDER BY dd.device_name, device_id`),
    slice: db.prepare<[string, number, number], DeviceDeploymentRow>(
      `${SELECT} WHERE dd.deployment_id = ? AND dd.device > ? ORDER BY dd.device LIMIT ?`,
    ),
    numbersIn: db
      .prepare<PartKind & { after: number; upTo: number }, number>(
        `SELECT device FROM device_deployment dd WHERE deployment_id = :id AND device > :after AND device <= :upTo AND ${OF_KIND} ORDER BY device`,
      )
      .pluck(),
    sliceEnd: db
      .prepare<[string, number, number], number>(
        'SELECT device FROM device_deployment WHERE deployment_id = ? AND device > ? ORDER BY device LIMIT 1 OFFSET ?',
      )
      .pluck(),
    last: db.prepare<[string], number | null>('SELECT max(device) FROM device_deployment WHERE deployment_id = ?').pluck(),
    ofNumbers: db.prepare<[string, string], DeviceDeploymentRow>(
      `${SELECT} WHERE dd.deployment_id = ? AND dd.device IN (SELECT value FROM json_each(?)) ORDER BY dd.device`,
    ),
    // What is counted already, wherever there are so many.
    count: db
      .prepare<PartKind, number>(
        `SELECT CASE WHEN :statuses IS NOT NULL
            THEN (SELECT coalesce(sum(device_count), 0) FROM deployment_statistic WHERE deployment_id = :id AND status IN (SELECT value FROM json_each(:statuses)))
          WHEN :isFinished IS NULL THEN device_count WHEN :isFinished = 1 THEN device_count - unfinished_count ELSE unfinished_count END
        FROM deployment WHERE id = :id`,
      )
      .pluck(),
    ofDevice: db.prepare<{ deviceId: string }, DeviceDeploymentRow>(
      `${SELECT} WHERE dd.device = ${NUMBER} AND dd.deleted_at IS NULL ORDER BY dd.created_at DESC, deployment.rowid DESC`,
    ),
    // The query that each idle poll makes while something is deployed. Left to itself, SQLite would go through all deployments.
    hasActive: db.prepare<[string], { found: 1 }>(`
      SELECT 1 AS found FROM device_deployment INDEXED BY device_deployment_by_device
      WHERE device = (SELECT number FROM device WHERE id = ?) AND finished_at IS NULL LIMIT 1`),
    isAnyUnfinished: db.prepare<[], { is: 0 | 1 }>('SELECT EXISTS (SELECT 1 FROM deployment WHERE finished_at IS NULL) AS "is"'),
    active: db.prepare<{ deviceId: string }, DeviceDeploymentRow>(
      `${SELECT} WHERE dd.device = ${NUMBER} AND dd.finished_at IS NULL ORDER BY dd.created_at, deployment.rowid`,
    ),
    latest: db.prepare<[number], DeviceDeploymentRow>(
      `${SELECT} WHERE dd.device = ? ORDER BY dd.created_at DESC, deployment.rowid DESC LIMIT 1`,
    ),
    update: db.prepare(`
      UPDATE device_deployment SET status = :status, substate = :substate, explanation = :explanation, artifact_id = :artifactId,
        previous_artifact_name = :previousArtifactName, started_at = :startedAt, finished_at = :finishedAt,
        failed_attempts = :failedAttempts, admitted_at = :admittedAt
      WHERE ${OF_KEY}`),
    putAside: db.prepare<Key & { at: number }>(`UPDATE device_deployment SET deleted_at = :at WHERE ${OF_KEY}`),
    setLog: db.prepare<Key & { messages: string; at: number }>(`
      INSERT INTO deployment_log VALUES (:deploymentId, ${NUMBER}, :messages, :at)
      ON CONFLICT DO UPDATE SET messages = excluded.messages, received_at = excluded.received_at`),
    log: db.prepare<Key, { messages: string }>(`SELECT messages FROM deployment_log WHERE ${OF_KEY}`),
  }
}

/** Left to itself, SQLite would go through all deployments for each device. */
const LATEST_OF_EACH = `
  WITH newest AS MATERIALIZED (SELECT value AS device, (
    SELECT l.deployment_id FROM device_deployment l INDEXED BY device_deployment_by_device
    CROSS JOIN deployment d ON d.id = l.deployment_id AND d.is_filling = 0
    WHERE l.device = value ORDER BY l.created_at DESC, d.rowid DESC LIMIT 1) AS deployment_id FROM json_each(?))
  ${SELECT} JOIN newest ON dd.deployment_id = newest.deployment_id AND dd.device = newest.device`

function pages(sql: ReturnType<typeof prepare>) {
  return {
    /** A page of them in order of arrival, and how many there are of those statuses, or that have finished or not; slice by slice. */
    async page(
      id: string,
      kind: { statuses: readonly DeviceDeploymentStatus[] | null; isFinished: boolean | null },
      range: { offset: number; limit: number },
    ): Promise<{ found: StoredDeviceDeployment[]; total: number }> {
      const part = {
        id,
        statuses: kind.statuses && JSON.stringify(kind.statuses),
        isFinished: kind.isFinished === null ? null : toBit(kind.isFinished),
      }
      const total = sql.count.get(part) ?? 0
      const wanted = Math.max(0, Math.min(range.limit, total - range.offset))
      const last = sql.last.get(id) ?? 0
      const numbers: number[] = []
      let skip = range.offset
      for (let after = 0; numbers.length < wanted && after < last; await othersFirst()) {
        const upTo = sql.sliceEnd.get(id, after, SLICE - 1) ?? last
        const found = sql.numbersIn.all({ ...part, after, upTo })
        numbers.push(...found.slice(skip, skip + wanted - numbers.length))
        skip = Math.max(0, skip - found.length)
        after = upTo
      }
      return { found: sql.ofNumbers.all(id, JSON.stringify(numbers)).map(toDeviceDeployment), total }
    },
  }
}

export function deviceDeploymentTable(db: Db, changes: Changes) {
  const sql = prepare(db)
  const latestOfEach = db.prepare<[string], DeviceDeploymentRow>(LATEST_OF_EACH)
  const isAnyUnfinished = untilChanged(changes, () => sql.isAnyUnfinished.get()?.is === 1)
  /** Where no deployment is unfinished, no device has to be looked up. */
  const hasActive = (deviceId: string): boolean => isAnyUnfinished() && sql.hasActive.get(deviceId) !== undefined
  const read = (row: DeviceDeploymentRow | undefined): StoredDeviceDeployment | null => (row ? toDeviceDeployment(row) : null)
  return {
    get: (deploymentId: string, deviceId: string) => read(sql.one.get({ deploymentId, deviceId })),
    ofDeployment: (deploymentId: string) => sql.ofDeployment.all(deploymentId).map(toDeviceDeployment),
    ...pages(sql),
    /** All of them in order of arrival, so many at a time: what asks for the next may let others go first. */
    *slices(deploymentId: string, size: number): Generator<StoredDeviceDeployment[], void, void> {
      let rows = sql.slice.all(deploymentId, 0, size)
      while (rows.length > 0) {
        yield rows.map(toDeviceDeployment)
        rows = sql.slice.all(deploymentId, rows.at(-1)?.device ?? 0, size)
      }
    },
    /** The newest first. */
    ofDevice: (deviceId: string) => sql.ofDevice.all({ deviceId }).map(toDeviceDeployment),
    /** The unfinished ones of a device, the oldest first: the order in which it gets them. */
    active: (deviceId: string) => (hasActive(deviceId) ? sql.active.all({ deviceId }).map(toDeviceDeployment) : []),
    /** The newest one of the device with this number. */
    latest: (device: number) => read(sql.latest.get(device)),
    /** The newest one of each device with one of these numbers, by that. */
    latestOfEach: (devices: readonly number[]): ReadonlyMap<number, StoredDeviceDeployment> =>
      new Map(latestOfEach.all(JSON.stringify(devices)).map((row) => [row.device, toDeviceDeployment(row)])),
    /** Writes what may change: status, substate, explanation, artifact, previous artifact and times. The last device ends the deployment. */
    update({ hasLog: _hasLog, isForced: _isForced, deletedAt: _deletedAt, retries: _retries, ...value }: StoredDeviceDeployment): void {
      sql.update.run(value)
      changes.bump()
    },
    /** Takes it out of the history of the device. */
    putAside({ deploymentId, deviceId }: Key, at: number): void {
      sql.putAside.run({ deploymentId, deviceId, at })
      changes.bump()
    },
    /** Replaces the log that this device sent for this deployment. */
    setLog({ deploymentId, deviceId }: Key, messages: readonly LogMessage[], at: number): void {
      sql.setLog.run({ deploymentId, deviceId, messages: JSON.stringify(messages), at })
      changes.bump()
    },
    /** Empty when none was sent. */
    log(deploymentId: string, deviceId: string): LogMessage[] {
      const row = sql.log.get({ deploymentId, deviceId })
      return row ? readJson(z.array(logMessage), row.messages, 'deployment log') : []
    },
  }
}
