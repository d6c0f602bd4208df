import { z } from 'zod'
import { job, type KeptJob } from '../../contract/jobs.ts'
import { type Db, readJson } from './db.ts'

interface JobRow {
  id: string
  kind: string
  title: string
  state: string
  steps: string
  step: number
  progress: string | null
  started_at: number
  ended_at: number | null
  failure: string | null
  batch: string | null
}

function toJob(row: JobRow): KeptJob {
  const { id, kind, title, state, step, batch } = row
  return {
    ...{ id, kind, title, step, batch },
    state: job.shape.state.parse(state),
    steps: readJson(z.array(z.string()), row.steps, 'job'),
    progress: row.progress === null ? null : readJson(job.shape.progress, row.progress, 'job'),
    startedAt: row.started_at,
    endedAt: row.ended_at,
    failure: row.failure === null ? null : readJson(job.shape.failure, row.failure, 'job'),
  }
}

const orNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

/** How many ended jobs are kept, with their logs. */
const KEPT = 500

/** The history of jobs; fits JobHistory of the runner. */
export function jobTable(db: Db) {
  const selectAll = db.prepare<[], JobRow>('SELECT * FROM job ORDER BY started_at DESC, rowid DESC')
  const upsert = db.prepare(`
    INSERT INTO job VALUES (:id, :kind, :title, :state, :steps, :step, :progress, :startedAt, :endedAt, :failure, :batch)
    ON CONFLICT DO UPDATE SET title = excluded.title, state = excluded.state, steps = excluded.steps, step = excluded.step,
      progress = excluded.progress, ended_at = excluded.ended_at, failure = excluded.failure`)
  const prune = db.prepare<[number]>(`
    DELETE FROM job WHERE ended_at IS NOT NULL AND id NOT IN (SELECT id FROM job ORDER BY started_at DESC LIMIT ?)`)
  const insertLine = db.prepare<[string, string]>('INSERT INTO job_line (job_id, text) VALUES (?, ?)')
  const selectLines = db.prepare<[string], { text: string }>('SELECT text FROM job_line WHERE job_id = ? ORDER BY id')
  return {
    /** The newest first. */
    list: (): KeptJob[] => selectAll.all().map(toJob),
    save(value: KeptJob): void {
      const { steps, progress, failure, ...plain } = value
      db.transaction(() => {
        upsert.run({ ...plain, steps: JSON.stringify(steps), progress: orNull(progress), failure: orNull(failure) })
        if (value.endedAt !== null) prune.run(KEPT)
      })()
    },
    appendLog(id: string, lines: readonly string[]): void {
      db.transaction(() => {
        for (const line of lines) insertLine.run(id, line)
      })()
    },
    log: (id: string): string[] => selectLines.all(id).map(({ text }) => text),
  }
}
