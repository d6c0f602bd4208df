/** Says that something changed, to whoever follows it. Holds no value: a follower reads the truth itself. */
export class Changes {
  readonly #waiting = new Set<() => void>()
  readonly #resting = new Set<() => void>()
  #count = 0
  #urgentCount = 0

  /** How many there were. */
  get count(): number {
    return this.#count
  }

  /** How many of them were waited for. */
  get urgentCount(): number {
    return this.#urgentCount
  }

  /** Wakes every follower; costs nothing when there is none. */
  bump(): void {
    this.#count += 1
    wakeAll(this.#waiting)
  }

  /** The same of what somebody waits for, as an end: who was told of something a moment ago does not rest. */
  bumpAtOnce(): void {
    this.#urgentCount += 1
    this.bump()
    wakeAll(this.#resting)
  }

  /** Calls `wake` once, at the next bump. Answers how to stop waiting. */
  onNext(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => this.#waiting.delete(wake)
  }

  /** Calls `wake` once, at the next change that is waited for. Answers how to stop waiting. */
  onUrgent(wake: () => void): () => void {
    this.#resting.add(wake)
    return () => this.#resting.delete(wake)
  }
}

function wakeAll(waiting: Set<() => void>): void {
  if (waiting.size === 0) return
  const all = [...waiting]
  waiting.clear()
  for (const wake of all) wake()
}

/** The value as it was read after the last change. For who asks outside of transactions: what one has begun may yet be taken back. */
export function untilChanged<T>(changes: Changes, read: () => T): () => T {
  const known: { value?: T; count: number } = { count: -1 }
  return () => {
    const { count } = changes
    if (known.value !== undefined && known.count === count) return known.value
    const value = read()
    Object.assign(known, { value, count })
    return value
  }
}

/** At most this often does a live value travel; a burst of changes in between becomes one. */
export const PAUSE_MS = 60
/** One that is long to read rests so many times as long, so that it takes but a part of a core, and a second at most. */
const RESTS = 4
const MOST_REST_MS = 1000
/** What changes together has so long to do so. */
const GATHER_MS = 5

/** How long a live value rests after each time that it was told, or what says so of the value. */
export type Pause<T> = number | ((value: T) => number)

/**
 * The value now and again at each change of any of `sources`, conflated: a slow reader gets the newest value, never a backlog. What changes
 * after a quiet time is told at once, and so is what is waited for. Ends when the signal aborts.
 */
export async function* liveValue<T>(
  signal: AbortSignal | undefined,
  sources: readonly Changes[],
  read: () => T | Promise<T>,
  pauseMs: Pause<T> = PAUSE_MS,
): AsyncGenerator<T, void, void> {
  while (!signal?.aborted) {
    const changed = nextChange(sources, signal)
    const urgentBefore = urgentCountOf(sources)
    const began = performance.now()
    const value = await read()
    const restMs = Math.min(MOST_REST_MS, RESTS * (performance.now() - began))
    yield value
    const toldAt = performance.now()
    await changed
    const leftMs = Math.max(typeof pauseMs === 'number' ? pauseMs : pauseMs(value), restMs) - (performance.now() - toldAt)
    if (leftMs > GATHER_MS && urgentCountOf(sources) === urgentBefore) await rest(sources, signal, leftMs - GATHER_MS)
    await rest([], signal, GATHER_MS)
  }
}

function urgentCountOf(sources: readonly Changes[]): number {
  return sources.reduce((sum, { urgentCount }) => sum + urgentCount, 0)
}

interface Beside<T> {
  sources: readonly Changes[]
  read: () => T | Promise<T>
  pauseMs: number
  /** What gathers meanwhile what is read, until its signal aborts. */
  gather: (signal: AbortSignal) => Promise<void>[]
}

/** A live value of what others gather beside it, each time that it is another one. Ends with the first of them that fails, and says why. */
export async function* liveBeside<T>(signal: AbortSignal, { sources, read, pauseMs, gather }: Beside<T>): AsyncGenerator<T, void, void> {
  const ending = new AbortController()
  const until = AbortSignal.any([signal, ending.signal])
  const beside = Promise.all(gather(until))
  beside.catch(() => ending.abort())
  try {
    let before = ''
    for await (const now of liveValue(until, sources, read, pauseMs)) {
      const text = JSON.stringify(now)
      if (text !== before) yield now
      before = text
    }
  } finally {
    ending.abort()
    await beside
  }
}

function nextChange(sources: readonly Changes[], signal: AbortSignal | undefined): Promise<void> {
  return firstOf(signal, (done) => sources.map((source) => source.onNext(done)))
}

/** So long, or until something changes that is waited for. */
function rest(sources: readonly Changes[], signal: AbortSignal | undefined, ms: number): Promise<void> {
  return firstOf(signal, (done) => {
    const timer = setTimeout(done, ms)
    return [() => clearTimeout(timer), ...sources.map((source) => source.onUrgent(done))]
  })
}

/** Resolves when `done` is called, or the signal aborts. `begin` answers how to stop waiting for each that may call it. */
function firstOf(signal: AbortSignal | undefined, begin: (done: () => void) => (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    const stops = begin(done)
    function done(): void {
      for (const stop of stops) stop()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done, { once: true })
    if (signal?.aborted) done()
  })
}
