import type { Db } from './db.ts'

/** Which devices; null does not restrict. */
export interface VersionFilter {
  group: string | null
  deviceType: string | null
}

export interface VersionSpan extends VersionFilter {
  fromAt: number
  toAt: number
  stepMs: number
}

/** So many devices more or less run an artifact since the step before; step -1 is all that was before. */
export interface VersionDelta {
  artifactName: string
  step: number
  delta: number
}

const DAY_MS = 86_400_000
/** What is so old is told by steps of such a length. */
const COARSER: readonly (readonly [ageMs: number, stepMs: number])[] = [
  [DAY_MS, 60_000],
  [7 * DAY_MS, 900_000],
  [60 * DAY_MS, DAY_MS / 4],
  [400 * DAY_MS, DAY_MS],
  [800 * DAY_MS, 30 * DAY_MS],
]

/** What devices ran over time. Triggers write it, with whatever has changed a device. */
export function versionHistory(db: Db) {
  const deltas = db.prepare<VersionSpan, VersionDelta>(`
    SELECT artifact_name AS artifactName, iif(at < :fromAt, -1, CAST((at - :fromAt) / :stepMs AS INTEGER)) AS step, sum(delta) AS delta FROM version_change
    WHERE at <= :toAt AND (:group IS NULL OR group_name = :group) AND (:deviceType IS NULL OR device_type = :deviceType)
    GROUP BY 1, 2 HAVING sum(delta) <> 0 ORDER BY 2, 1`)
  const first = db.prepare<[], number | null>('SELECT min(at) FROM version_change').pluck()
  const kinds = (column: 'group_name' | 'device_type') =>
    db.prepare<[], string>(`SELECT DISTINCT ${column} FROM version_change WHERE ${column} <> '' ORDER BY 1`).pluck()
  const [groups, deviceTypes] = [kinds('group_name'), kinds('device_type')]
  const merged = db.prepare<{ before: number; stepMs: number }, Record<string, string | number>>(`
    SELECT at - CAST(at % :stepMs AS INTEGER) AS at, device_type, group_name, artifact_name, sum(delta) AS delta FROM version_change WHERE at < :before
    GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0`)
  const clear = db.prepare<[number]>('DELETE FROM version_change WHERE at < ?')
  const insert = db.prepare('INSERT INTO version_change VALUES (:at, :device_type, :group_name, :artifact_name, :delta)')
  return {
    deltas: (span: VersionSpan): VersionDelta[] => deltas.all(span),
    /** When the first change was; null before any. */
    firstAt: (): number | null => first.get() ?? null,
    /** By name; also those that were. */
    groups: (): string[] => groups.all(),
    deviceTypes: (): string[] => deviceTypes.all(),
    /** Tells what is old by longer steps, so that the room it takes is bounded. */
    coarsen: (now: number): void =>
      db.transaction(() => {
        for (const [ageMs, stepMs] of COARSER) {
          const before = Math.floor((now - ageMs) / stepMs) * stepMs
          const rows = merged.all({ before, stepMs })
          clear.run(before)
          for (const row of rows) insert.run(row)
        }
      })(),
  }
}
