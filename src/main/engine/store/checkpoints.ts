import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { threadProgram } from './beside.ts'
import type { Db } from './db.ts'

/** So many pages (4 KiB) may wait in the log before the thread moves them. */
const MOVED_FROM = 2000
/** From here on a commit moves them itself, whoever has to wait: where no server runs, or nothing else helps. */
const MOVED_BY_COMMIT_FROM = 32_000
const LOG_LIMIT_BYTES = 64 * 1024 * 1024

const logState = z.tuple([z.object({ log: z.number(), checkpointed: z.number() })])

/**
 * Keeps the log of the database short while a server runs. Moving pages from it into the file waits for the disk, for seconds where
 * others use that too: a thread does it, which is started when there is something to move, and polls are answered meanwhile.
 */
export function checkpointPart(db: Db) {
  db.pragma(`wal_autocheckpoint = ${MOVED_BY_COMMIT_FROM}`)
  db.pragma(`journal_size_limit = ${LOG_LIMIT_BYTES}`)
  const state: { thread: Thread | null; isMoving: boolean } = { thread: null, isMoving: false }

  function move(): void {
    state.thread ??= startThread(db.name, () => (state.isMoving = false))
    state.isMoving = true
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    state.thread.worker.postMessage('move')
  }

  /** Pages in the log that are not in the file. */
  function waiting(): number {
    const [{ log, checkpointed }] = logState.parse(db.pragma('wal_checkpoint(NOOP)'))
    return log - checkpointed
  }

  return {
    waiting,
    /** To be called every now and then while a server runs. */
    tick(): void {
      if (!state.isMoving && waiting() > MOVED_FROM) move()
    },
    /** Ends the thread, if there is one; before the database is closed. */
    async stop(): Promise<void> {
      const { thread } = state
      if (!thread) return
      state.thread = null
      thread.worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      thread.worker.postMessage('end')
      await thread.ended
    },
  }
}

interface Thread {
  worker: Worker
  ended: Promise<void>
}

function startThread(path: string, onMoved: () => void): Thread {
  const worker = new Worker(threadProgram('checkpoint'), {
    workerData: path,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  })
  // When it fails, commits move the pages, as they do where no server runs.
  worker.on('message', onMoved).on('error', () => undefined)
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.unref()
  return { worker, ended }
}
