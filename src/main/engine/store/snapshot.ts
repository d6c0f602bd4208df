import Database from 'better-sqlite3'
import { AppError } from '../../contract/errors.ts'
import type { Db } from './db.ts'
import { SCHEMA_VERSION } from './migrations.ts'

/** A database at one moment, as a file of its own. */
export interface Snapshot {
  schemaVersion: number
  artifactIds: string[]
  /** Recorded terminals, with how far their files had come. */
  recordings: { id: string; sizeBytes: number }[]
}

/** Copies the database at `path` to the new file `to` as it is at one moment, also while an engine writes to it. */
export function snapshotDatabase(path: string, to: string): Snapshot {
  snapshotFile(path, to)
  return readSnapshot(to)
}

/** The same of any SQLite file. */
export function snapshotFile(path: string, to: string): void {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    db.prepare('VACUUM INTO ?').run(to)
  } finally {
    db.close()
  }
}

/** What a copy of the database holds. CONFLICT when a newer build has written it, BAD_INPUT when it is no sound database. */
export function readSnapshot(path: string): Snapshot {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    const schemaVersion = Number(db.pragma('user_version', { simple: true }))
    if (schemaVersion > SCHEMA_VERSION)
      throw new AppError(
        'CONFLICT',
        `The database has schema ${schemaVersion}, this OTA Bench knows schemas up to ${SCHEMA_VERSION}`,
        'It comes from a newer OTA Bench. Update this one first.',
      )
    const verdict = String(db.pragma('quick_check(1)', { simple: true }))
    if (verdict !== 'ok') throw damaged(verdict)
    return { schemaVersion, ...listedIn(db) }
  } catch (thrown) {
    throw thrown instanceof Database.SqliteError ? damaged(thrown.message, thrown) : thrown
  } finally {
    db.close()
  }
}

/** The files that it lists. A database of an earlier build may know no recordings. */
function listedIn(db: Db): Omit<Snapshot, 'schemaVersion'> {
  const artifactIds = db.prepare<[], string>('SELECT id FROM artifact ORDER BY id').pluck().all()
  const hasRecordings = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'recording'").get() !== undefined
  const select = 'SELECT id, size_bytes AS sizeBytes FROM recording WHERE size_bytes > 0 ORDER BY id'
  return { artifactIds, recordings: hasRecordings ? db.prepare<[], Snapshot['recordings'][number]>(select).all() : [] }
}

/** So many pages (4 KiB) are copied at a stretch: a few milliseconds, in which nothing else happens. */
const STRETCH_PAGES = 1000

/** Copies an open database to the new file `to`; whoever uses the connection goes on meanwhile, and what is written then is in the copy too. */
export async function copyDatabase(db: Db, to: string, signal: AbortSignal): Promise<Snapshot> {
  await db.backup(to, {
    progress: () => {
      signal.throwIfAborted()
      return STRETCH_PAGES
    },
  })
  const copy = new Database(to)
  try {
    // In WAL mode, as the copy is at first, a reader would leave files beside it.
    copy.pragma('journal_mode = DELETE')
    return { schemaVersion: SCHEMA_VERSION, ...listedIn(copy) }
  } finally {
    copy.close()
  }
}

function damaged(reason: string, cause?: unknown): AppError {
  return new AppError('BAD_INPUT', `This is no sound database: ${reason}`, 'Use another backup.', cause)
}

/** Ids of the artifacts that have that id or that name, in the database at `path`; an engine may be running on it. */
export function findArtifactIds(path: string, idOrName: string): string[] {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    return db
      .prepare<[string, string], string>('SELECT id FROM artifact WHERE id = ? OR name = ? ORDER BY id')
      .pluck()
      .all(idOrName, idOrName)
  } finally {
    db.close()
  }
}
