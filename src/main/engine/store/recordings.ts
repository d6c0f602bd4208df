import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'

/** What is known of a recording besides its file. */
export interface StoredRecording {
  id: string
  deviceId: string
  deviceName: string
  actor: string
  startedAt: number
  endedAt: number | null
  sizeBytes: number
  isCut: boolean
}

type RecordingRow = Omit<StoredRecording, 'isCut'> & { isCut: 0 | 1 }

const SELECT = `
  SELECT id, device_id AS deviceId, device_name AS deviceName, actor, started_at AS startedAt, ended_at AS endedAt,
    size_bytes AS sizeBytes, is_cut AS isCut
  FROM recording`

const toRecording = (row: RecordingRow): StoredRecording => ({ ...row, isCut: row.isCut === 1 })

/** The recordings of terminals, the newest first. */
export function recordingTable(db: Db, changes: Changes) {
  const selectAll = db.prepare<[], RecordingRow>(`${SELECT} ORDER BY started_at DESC, rowid DESC`)
  const selectOne = db.prepare<[string], RecordingRow>(`${SELECT} WHERE id = ?`)
  const insert = db.prepare(
    'INSERT INTO recording (id, device_id, device_name, actor, started_at) VALUES (:id, :deviceId, :deviceName, :actor, :startedAt)',
  )
  const update = db.prepare<[number | null, number, number, string]>(
    'UPDATE recording SET ended_at = ?, size_bytes = ?, is_cut = ? WHERE id = ?',
  )
  const remove = db.prepare<[string]>('DELETE FROM recording WHERE id = ?')
  return {
    list: (): StoredRecording[] => selectAll.all().map(toRecording),
    get(id: string): StoredRecording | null {
      const row = selectOne.get(id)
      return row ? toRecording(row) : null
    },
    add(recording: Pick<StoredRecording, 'id' | 'deviceId' | 'deviceName' | 'actor' | 'startedAt'>): void {
      insert.run(recording)
      changes.bump()
    },
    /** How far it has come. */
    update(id: string, { endedAt, sizeBytes, isCut }: Pick<StoredRecording, 'endedAt' | 'sizeBytes' | 'isCut'>): void {
      update.run(endedAt, sizeBytes, isCut ? 1 : 0, id)
      changes.bump()
    },
    remove(id: string): void {
      remove.run(id)
      changes.bump()
    },
  }
}
