import { setImmediate as ordersFirst } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { deviceIndex } from './engine/store/device-index.ts'
import type { SearchAnswer, SearchOrder } from './engine/store/device-search.ts'

// A thread beside the engine that searches devices. It reads the database by itself, and is told what was written since.
const index = deviceIndex(new Database(String(workerData), { readonly: true, fileMustExist: true }))
const state = { isLoading: false }

function answerTo({ id, query }: NonNullable<SearchOrder['asked']>): SearchAnswer {
  try {
    return { id, found: index.find(query) }
  } catch (thrown) {
    return { id, failure: String(thrown) }
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** Loads what has not been asked for yet, piece by piece. */
async function load(): Promise<void> {
  if (state.isLoading) return
  state.isLoading = true
  const isAny = index.loadMore()
  while (index.loadMore()) await ordersFirst()
  // Half of what the heap holds by now was needed for loading only, and without a nudge it would stay for hours.
  if (isAny) collectGarbage()
  state.isLoading = false
}

parentPort?.on('message', ({ news, asked }: SearchOrder) => {
  index.follow(news)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  if (asked) parentPort?.postMessage(answerTo(asked))
  void load()
})
