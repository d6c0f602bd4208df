import { Worker } from 'node:worker_threads'
import { AppError } from '../../contract/errors.ts'
import { threadProgram } from './beside.ts'
import type { Db } from './db.ts'
import type { DeviceNews } from './device-columns.ts'
import { type DeviceIndex, type DeviceQuery, type FoundDevices, deviceIndex } from './device-index.ts'
import { followDevices } from './device-news.ts'

interface Bounds {
  /** More devices are searched by a thread: no poll waits for it. */
  here: number
  /** More devices that have changed are not looked at one by one. */
  changed: number
}

const BOUNDS: Bounds = { here: 2000, changed: 50_000 }

export interface SearchOrder {
  news: DeviceNews
  /** null: nothing is asked. */
  asked: { id: number; query: DeviceQuery } | null
}

export type SearchAnswer = { id: number; found: FoundDevices } | { id: number; failure: string }

/** Searches of all devices, in memory: the index is made when somebody searches or a server runs, and follows what is written. */
export function deviceSearch(db: Db, bounds = BOUNDS) {
  const state: { news: ReturnType<typeof followDevices> | null; here: DeviceIndex | null; thread: SearchThread | null } = {
    ...{ news: null, here: null, thread: null },
  }
  const selectCount = db.prepare<[], number>('SELECT count(*) FROM device').pluck()
  const isLarge = (): boolean => !db.memory && (state.thread !== null || (selectCount.get() ?? 0) > bounds.here)

  function news(): DeviceNews {
    // What is made after this knows everything that was written before.
    state.news ??= followDevices(db, bounds.changed)
    return state.news.take()
  }

  function findHere(query: DeviceQuery): FoundDevices {
    const latest = news()
    const here = state.here ?? deviceIndex(db)
    // One that fails to follow is not asked again: nobody tells it what it has missed.
    state.here = null
    here.follow(latest)
    state.here = here
    return here.find(query)
  }

  function thread(): SearchThread {
    state.here = null
    if (state.thread) return state.thread
    const started = startThread(db.name, () => {
      // It fails first and ends later: there may be another one by then.
      if (state.thread === started) state.thread = null
    })
    state.thread = started
    return started
  }

  return {
    /** A page of the devices that meet everything, in order and else as they came, and how many there are. */
    async find(query: DeviceQuery): Promise<FoundDevices> {
      if (!isLarge()) return findHere(query)
      const latest = news()
      return thread().find(latest, query)
    },
    /** To be called every now and then while a server runs: keeps the index of many devices at hand. */
    tick(): void {
      if (state.thread ? state.news?.isAny() === true : isLarge()) {
        const latest = news()
        thread().tell(latest)
      }
    },
    /** Ends the thread, if there is one. */
    async stop(): Promise<void> {
      const { thread: started } = state
      state.thread = null
      await started?.end()
    },
  }
}

interface SearchThread {
  find(news: DeviceNews, query: DeviceQuery): Promise<FoundDevices>
  tell(news: DeviceNews): void
  end(): Promise<unknown>
}

function startThread(path: string, onEnd: () => void): SearchThread {
  const worker = new Worker(threadProgram('search'), { workerData: path, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  const waiting = new Map<number, PromiseWithResolvers<FoundDevices>>()
  const ids = { last: 0 }
  const post = (order: SearchOrder): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(order)
  }
  function settle(id: number): PromiseWithResolvers<FoundDevices> | undefined {
    const asked = waiting.get(id)
    waiting.delete(id)
    if (waiting.size === 0) worker.unref()
    return asked
  }
  function failAll(why: string): void {
    onEnd()
    for (const id of waiting.keys()) settle(id)?.reject(searchFailure(why))
  }
  worker.on('message', (answer: SearchAnswer) => {
    const asked = settle(answer.id)
    if ('found' in answer) asked?.resolve(answer.found)
    else asked?.reject(searchFailure(answer.failure))
  })
  worker.on('error', (thrown) => failAll(String(thrown))).on('exit', () => failAll('it was ended'))
  worker.unref()
  return {
    async find(news, query) {
      ids.last += 1
      const asked = Promise.withResolvers<FoundDevices>()
      waiting.set(ids.last, asked)
      worker.ref()
      post({ news, asked: { id: ids.last, query } })
      return asked.promise
    },
    tell: (news) => post({ news, asked: null }),
    end: async () => worker.terminate(),
  }
}

const searchFailure = (why: string): AppError => new AppError('INTERNAL', `The search for devices failed: ${why}`, 'Search again.')
