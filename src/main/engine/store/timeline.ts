import { type TimelineEntry, timelineEntry } from '../../contract/devices.ts'
import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'

interface TimelineRow {
  id: number
  at: number
  device_id: string
  deployment_id: string | null
  lane: string
  level: string
  text: string
}

export type NewTimelineEntry = Omit<TimelineEntry, 'id'>

const { lane, level } = timelineEntry.shape

function toEntry(row: TimelineRow): TimelineEntry {
  const { id, at, text } = row
  return {
    id,
    at,
    text,
    deviceId: row.device_id,
    deploymentId: row.deployment_id,
    lane: lane.parse(row.lane),
    level: level.parse(row.level),
  }
}

/** What happened to each device, in the order in which it became known. */
export function timelineTable(db: Db, changes: Changes) {
  const insert = db.prepare(`
    INSERT INTO timeline (at, device_id, deployment_id, lane, level, text) VALUES (:at, :deviceId, :deploymentId, :lane, :level, :text)`)
  const selectDevice = db.prepare<[string, number], TimelineRow>('SELECT * FROM timeline WHERE device_id = ? ORDER BY id DESC LIMIT ?')
  const selectBoth = db.prepare<[string, string, number], TimelineRow>(
    'SELECT * FROM timeline WHERE device_id = ? AND deployment_id = ? ORDER BY id DESC LIMIT ?',
  )
  const selectRecent = db.prepare<[number], TimelineRow>('SELECT * FROM timeline ORDER BY id DESC LIMIT ?')
  const selectLast = db.prepare<[string, string], TimelineRow>(
    'SELECT * FROM timeline WHERE device_id = ? AND lane = ? ORDER BY id DESC LIMIT 1',
  )
  const prune = db.prepare<[number]>('DELETE FROM timeline WHERE at < ?')
  return {
    /** Answers the entry's number. */
    append(entry: NewTimelineEntry): number {
      const { lastInsertRowid } = insert.run(entry)
      changes.bump()
      return Number(lastInsertRowid)
    },
    /** The newest `limit` entries of a device, or of it in one deployment, the oldest first. */
    ofDevice(deviceId: string, deploymentId: string | null = null, limit = 2000): TimelineEntry[] {
      const rows = deploymentId === null ? selectDevice.all(deviceId, limit) : selectBoth.all(deviceId, deploymentId, limit)
      return rows.map(toEntry).toReversed()
    },
    /** The newest `limit` entries of all devices, the oldest first. */
    recent: (limit: number): TimelineEntry[] => selectRecent.all(limit).map(toEntry).toReversed(),
    lastOf(deviceId: string, ofLane: TimelineEntry['lane']): TimelineEntry | null {
      const row = selectLast.get(deviceId, ofLane)
      return row ? toEntry(row) : null
    },
    /** Forgets what happened before `at`; answers how many entries went. */
    prune: (at: number): number => prune.run(at).changes,
  }
}
