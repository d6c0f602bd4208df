import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'
import { numberOfDevice } from './device-numbers.ts'

export interface FailedAttempt {
  deploymentId: string
  deviceId: string
  /** 1 for the first try. */
  attempt: number
  why: string
  /** The last line of the timeline that belongs to it. */
  entryId: number
}

const KEY = `deployment_id = :deploymentId AND device = ${numberOfDevice(':deviceId')}`

/** Devices of a deployment at one of their tries. */
export interface AttemptCount {
  attempt: number
  state: 'succeeded' | 'failed' | 'active'
  deviceCount: number
}

/** At which try devices failed, and why. */
export function failedAttemptTable(db: Db, changes: Changes) {
  const put = db.prepare<FailedAttempt>(`
    INSERT INTO failed_attempt VALUES (:deploymentId, ${numberOfDevice(':deviceId')}, :attempt, :why, :entryId)
    ON CONFLICT DO UPDATE SET why = excluded.why, entry_id = excluded.entry_id`)
  const upTo = db.prepare<Pick<FailedAttempt, 'deploymentId' | 'deviceId' | 'attempt'>, Pick<FailedAttempt, 'attempt' | 'entryId'>>(
    `SELECT attempt, entry_id AS entryId FROM failed_attempt WHERE ${KEY} AND attempt <= :attempt ORDER BY attempt DESC LIMIT 1`,
  )
  const reasons = db.prepare<[string], { attempt: number; why: string; deviceCount: number }>(`
    SELECT attempt, why, count(*) AS deviceCount FROM failed_attempt WHERE deployment_id = ? GROUP BY attempt, why
    ORDER BY attempt, deviceCount DESC, why`)
  // A device that waits and was never given it is at no try yet.
  const states = db.prepare<[string], { failedCount: number; state: AttemptCount['state'] | null; deviceCount: number }>(`
    SELECT failed_attempts AS failedCount, CASE WHEN status = 'success' THEN 'succeeded' WHEN status = 'failure' THEN 'failed'
      WHEN finished_at IS NULL AND (failed_attempts > 0 OR started_at IS NOT NULL) THEN 'active' END AS state, count(*) AS deviceCount
    FROM device_deployment WHERE deployment_id = ? GROUP BY 1, 2 ORDER BY 1`)
  return {
    /** Notes it, or what else was heard of it. */
    put(failed: FailedAttempt): void {
      put.run(failed)
      changes.bump()
    },
    /** The last one of a device up to that try; null when none was noted. */
    last: (deploymentId: string, deviceId: string, attempt = Number.MAX_SAFE_INTEGER) =>
      upTo.get({ deploymentId, deviceId, attempt }) ?? null,
    /** Why devices failed, by try; the commonest reason first. */
    reasons: (deploymentId: string) => reasons.all(deploymentId),
    /** Devices by the tries that have failed, and by what came after these; null: nothing. */
    states: (deploymentId: string) => states.all(deploymentId),
  }
}
