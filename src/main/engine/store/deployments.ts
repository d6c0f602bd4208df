import { z } from 'zod'
import type { deploymentStatus } from '../../contract/deployments.ts'
import { deviceDeploymentStatus } from '../../contract/devices.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, toBit } from './db.ts'

const statistics = z.partialRecord(deviceDeploymentStatus, z.number())

export interface StoredDeployment {
  id: string
  name: string
  artifactName: string
  /** Install also where the artifact runs already. */
  isForced: boolean
  /** The group it was made for, null when for single devices or all. */
  group: string | null
  deviceCount: number
  status: z.infer<typeof deploymentStatus>
  /** Devices by status; a status that nobody has is absent. */
  statistics: z.infer<typeof statistics>
  createdAt: number
  finishedAt: number | null
}

export type NewDeployment = Pick<StoredDeployment, 'id' | 'name' | 'artifactName' | 'isForced' | 'group' | 'createdAt'>

interface DeploymentRow {
  id: string
  name: string
  artifact_name: string
  is_forced: number
  group_name: string | null
  device_count: number
  created_at: number
  finished_at: number | null
  statistics: string
}

function toDeployment(row: DeploymentRow): StoredDeployment {
  const { id, name } = row
  const counts = statistics.parse(JSON.parse(row.statistics))
  const isUntouched = counts.pending === row.device_count
  return {
    ...{ id, name },
    artifactName: row.artifact_name,
    isForced: row.is_forced === 1,
    group: row.group_name,
    deviceCount: row.device_count,
    status: row.finished_at !== null ? 'finished' : isUntouched ? 'pending' : 'inprogress',
    statistics: counts,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  }
}

const SELECT = `
  SELECT deployment.*, (
    SELECT json_group_object(status, device_count) FROM deployment_statistic WHERE deployment_id = deployment.id AND device_count > 0
  ) AS statistics FROM deployment`

/** What was ordered. What became of it on each device is in deviceDeployments. */
export function deploymentTable(db: Db, changes: Changes) {
  const selectAll = db.prepare<[], DeploymentRow>(`${SELECT} ORDER BY created_at DESC, rowid DESC`)
  const selectOne = db.prepare<[string], DeploymentRow>(`${SELECT} WHERE id = ?`)
  const selectActive = db.prepare<[], DeploymentRow>(`${SELECT} WHERE finished_at IS NULL ORDER BY created_at, rowid`)
  const insert = db.prepare(`
    INSERT INTO deployment (id, name, artifact_name, is_forced, group_name, device_count, unfinished_count, created_at, finished_at)
    VALUES (:id, :name, :artifactName, :isForced, :group, :count, :count, :createdAt, iif(:count = 0, :createdAt, NULL))`)
  const insertDevice = db.prepare<[string, string, string, number]>(`
    INSERT INTO device_deployment (deployment_id, device_id, device_name, status, created_at) VALUES (?, ?, ?, 'pending', ?)`)
  return {
    /** The newest first. */
    list: (): StoredDeployment[] => selectAll.all().map(toDeployment),
    /** Unfinished ones, the oldest first. */
    active: (): StoredDeployment[] => selectActive.all().map(toDeployment),
    get(id: string): StoredDeployment | null {
      const row = selectOne.get(id)
      return row ? toDeployment(row) : null
    },
    /** With a pending line for each device; one transaction. */
    add(deployment: NewDeployment, devices: readonly { id: string; name: string }[]): void {
      db.transaction(() => {
        insert.run({ ...deployment, isForced: toBit(deployment.isForced), count: devices.length })
        for (const { id, name } of devices) insertDevice.run(deployment.id, id, name, deployment.createdAt)
      })()
      changes.bump()
    },
  }
}
