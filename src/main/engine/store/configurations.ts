import { z } from 'zod'
import type { Changes } from '../lib/changes.ts'
import { type Db, readJson } from './db.ts'

const settings = z.record(z.string(), z.string())

/** What a device is meant to be set to, and what it says that it is. Empty where nothing was said. */
export interface StoredConfiguration {
  configured: Record<string, string>
  reported: Record<string, string>
  /** The deployment that was to bring the configured values last. */
  deploymentId: string | null
  configuredAt: number | null
  reportedAt: number | null
}

interface ConfigurationRow {
  configured: string
  reported: string
  deployment_id: string | null
  configured_at: number | null
  reported_at: number | null
}

const NONE: StoredConfiguration = { configured: {}, reported: {}, deploymentId: null, configuredAt: null, reportedAt: null }

/** Device configuration (mender-configure), one row a device that has any. */
export function configurationTable(db: Db, changes: Changes) {
  const select = db.prepare<[string], ConfigurationRow>('SELECT * FROM device_configuration WHERE device_id = ?')
  const upsert = (column: string) =>
    `INSERT INTO device_configuration (device_id, ${column}, ${column}_at) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET ${column} = excluded.${column}, ${column}_at = excluded.${column}_at`
  const setConfigured = db.prepare<[string, string, number]>(upsert('configured'))
  const setReported = db.prepare<[string, string, number]>(upsert('reported'))
  const setDeployment = db.prepare<[string, string]>('UPDATE device_configuration SET deployment_id = ? WHERE device_id = ?')
  return {
    get(deviceId: string): StoredConfiguration {
      const row = select.get(deviceId)
      if (!row) return NONE
      const read = (text: string) => readJson(settings, text, 'configuration')
      return {
        configured: read(row.configured),
        reported: read(row.reported),
        deploymentId: row.deployment_id,
        configuredAt: row.configured_at,
        reportedAt: row.reported_at,
      }
    },
    setConfigured(deviceId: string, values: Record<string, string>, at: number): void {
      setConfigured.run(deviceId, JSON.stringify(values), at)
      changes.bump()
    },
    setReported(deviceId: string, values: Record<string, string>, at: number): void {
      setReported.run(deviceId, JSON.stringify(values), at)
      changes.bump()
    },
    setDeployment(deviceId: string, deploymentId: string): void {
      setDeployment.run(deploymentId, deviceId)
      changes.bump()
    },
  }
}
