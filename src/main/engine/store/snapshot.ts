import Database from 'better-sqlite3'
import { AppError } from '../../contract/errors.ts'
import { SCHEMA_VERSION } from './migrations.ts'

/** A database at one moment, as a file of its own. */
export interface Snapshot {
  schemaVersion: number
  artifactIds: string[]
}

/** Copies the database at `path` to the new file `to` as it is at one moment, also while an engine writes to it. */
export function snapshotDatabase(path: string, to: string): Snapshot {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    db.prepare('VACUUM INTO ?').run(to)
  } finally {
    db.close()
  }
  return readSnapshot(to)
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
    const artifactIds = db.prepare<[], string>('SELECT id FROM artifact ORDER BY id').pluck().all()
    return { schemaVersion, artifactIds }
  } catch (thrown) {
    throw thrown instanceof Database.SqliteError ? damaged(thrown.message, thrown) : thrown
  } finally {
    db.close()
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
