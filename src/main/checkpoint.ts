import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

// A thread beside the engine that moves what was written from the log of the database into its file, and waits for the disk meanwhile.
const db = new Database(String(workerData), { fileMustExist: true })
db.pragma('synchronous = NORMAL')

parentPort?.on('message', (order: 'move' | 'end') => {
  if (order === 'move') db.pragma('wal_checkpoint(PASSIVE)')
  else {
    db.close()
    parentPort?.close()
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(order)
})
