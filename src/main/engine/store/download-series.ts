import { z } from 'zod'
import type { Steps } from '../fleet/byte-series.ts'
import { type Db, readJson } from './db.ts'
import { idOfDevice, numberOfDevice } from './device-numbers.ts'

/** Of so many devices of a deployment the rates are kept, of those that come first. */
const KEPT_DEVICES = 1000

interface SeriesRow {
  start_at: number
  step_ms: number
  bytes: string
}

interface Key {
  deploymentId: string
  /** null: all devices of the deployment together. */
  deviceId: string | null
}

const NUMBER = `iif(:deviceId IS NULL, 0, ${numberOfDevice(':deviceId')})`

const numbers = z.array(z.number())

const toSteps = (row: SeriesRow): Steps => ({
  startAt: row.start_at,
  stepMs: row.step_ms,
  bytes: readJson(numbers, row.bytes, 'download series'),
})

/** How fast artifacts went out, by deployment and device. */
export function downloadSeriesTable(db: Db) {
  const one = db.prepare<Key, SeriesRow>(`SELECT * FROM download_series WHERE deployment_id = :deploymentId AND device = ${NUMBER}`)
  const ofDeployment = db.prepare<[string], SeriesRow & { device_id: string }>(
    `SELECT *, ${idOfDevice('device')} AS device_id FROM download_series WHERE deployment_id = ? AND device > 0`,
  )
  const put = db.prepare<Key & Omit<Steps, 'bytes'> & { bytes: string }>(`
    INSERT INTO download_series SELECT :deploymentId, number, :startAt, :stepMs, :bytes FROM (SELECT ${NUMBER} AS number) WHERE number = 0
      OR EXISTS (SELECT 1 FROM download_series WHERE deployment_id = :deploymentId AND device = number)
      OR (number > 0 AND (SELECT count(*) FROM download_series WHERE deployment_id = :deploymentId) <= ${KEPT_DEVICES})
    ON CONFLICT DO UPDATE SET start_at = excluded.start_at, step_ms = excluded.step_ms, bytes = excluded.bytes`)
  const prune = db.prepare<[number]>('DELETE FROM download_series WHERE start_at < ? AND device > 0')
  return {
    get(deploymentId: string, deviceId: string | null): Steps | null {
      const row = one.get({ deploymentId, deviceId })
      return row ? toSteps(row) : null
    },
    /** Of each device, by its id. */
    ofDeployment: (deploymentId: string): Map<string, Steps> =>
      new Map(ofDeployment.all(deploymentId).map((row) => [row.device_id, toSteps(row)])),
    put: ({ deploymentId, deviceId }: Key, steps: Readonly<Steps>): void =>
      void put.run({ deploymentId, deviceId, ...steps, bytes: JSON.stringify(steps.bytes) }),
    /** Forgets the devices of what began before `at`; what all of them got together is kept with the deployment. */
    prune: (at: number): number => prune.run(at).changes,
  }
}
