import Database from 'better-sqlite3'
import { AppError } from '../../contract/errors.ts'

/**
 * Holds a data folder for one engine. The lock is an SQLite one on a file of its own, so that the system lets go of it
 * when the process dies, however it dies.
 */
export function holdFolder(folder: string): Disposable {
  const db = new Database(`${folder}/engine.lock`, { timeout: 200 })
  try {
    db.pragma('journal_mode = DELETE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (thrown) {
    db.close()
    if (thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_BUSY'))
      throw new AppError(
        'CONFLICT',
        `Another OTA Bench is using ${folder}`,
        'Close it, speak to it with --server URL, or choose another folder with --data DIR.',
        thrown,
      )
    throw thrown
  }
  return { [Symbol.dispose]: () => void db.close() }
}
