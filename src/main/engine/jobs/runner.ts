import { randomUUID } from 'node:crypto'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { Job, KeptJob } from '../../contract/jobs.ts'
import { Changes } from '../lib/changes.ts'

/** What the work of a job gets as its first parameter. */
export interface JobContext {
  /** Hand it to every await. */
  readonly signal: AbortSignal
  /** Says that the step of this name (one of the request's) begins. */
  step(name: string): void
  progress(done: number, total: number | null, unit: 'bytes' | 'items'): void
  log(line: string): void
}

export interface JobRequest {
  kind: string
  title: string
  steps: readonly string[]
  /** Names of resources (`/dev/sdx`, `serial:/dev/ttyUSB0`); a second job on one of them is refused. */
  locks?: readonly string[]
  /** What it has in common with others that are started with it. */
  batch?: string
  /** The same work may be begun again after it has failed or was cancelled: `here` by who is at this machine, because it names files of it. */
  repeatable?: 'here' | 'anywhere'
}

/** Where jobs outlive the process. */
export interface JobHistory {
  list(): KeptJob[]
  save(job: KeptJob): void
  appendLog(id: string, lines: readonly string[]): void
  log(id: string): string[]
}

export interface StartedJob<T> {
  id: string
  /** The work's answer; rejects with the job's failure, which the job tells: nobody has to listen. */
  result: Promise<T>
}

interface Repeat {
  isHere: boolean
  again(): StartedJob<unknown>
}

/** How many ended jobs are kept. */
const HISTORY_LENGTH = 200
/** Of so many of the last that have not been done the work is kept, to be begun again. */
const REPEATS = 50

/** Runs long work. Owns states, times, history, logs and locks; knows nothing about kinds of work. */
export class JobRunner {
  readonly changes = new Changes()
  readonly #now: () => number
  readonly #history: JobHistory
  readonly #repeats = new Map<string, Repeat>()
  readonly #running = new Map<string, { job: KeptJob; abort: AbortController; locks: readonly string[]; ended: Promise<unknown> }>()

  constructor(history: JobHistory, now: () => number) {
    this.#history = history
    this.#now = now
    for (const job of history.list()) if (job.state === 'running') history.save({ ...job, ...interrupted(), endedAt: now() })
  }

  /** Running jobs first, then ended ones, the newest first. */
  list(): Job[] {
    const running = [...this.#running.values()].map(({ job }) => ({ ...job }))
    const ended = this.#history.list().filter(({ id }) => !this.#running.has(id))
    return [...running.toReversed(), ...ended.slice(0, HISTORY_LENGTH)].map((job) => ({ ...job, canRetry: this.#repeats.has(job.id) }))
  }

  log(id: string): string[] {
    return this.#history.log(id)
  }

  /** Starts the work; CONFLICT when a running job holds one of its locks. */
  start<T>(request: JobRequest, work: (job: JobContext) => Promise<T>): StartedJob<T> {
    const { kind, title, steps, locks = [], batch = null, repeatable } = request
    this.#refuseHeld(locks)
    const abort = new AbortController()
    const job: KeptJob = {
      id: randomUUID(),
      kind,
      title,
      batch,
      state: 'running',
      steps: [...steps],
      step: 0,
      progress: null,
      startedAt: this.#now(),
      endedAt: null,
      failure: null,
    }
    this.#history.save(job)
    const result = this.#carryOut(job, abort.signal, work)
    if (repeatable) result.catch(() => this.#keep(job.id, { isHere: repeatable === 'here', again: () => this.start(request, work) }))
    this.#running.set(job.id, { job, abort, locks, ended: result.catch(() => undefined) })
    this.changes.bump()
    return { id: job.id, result }
  }

  /** Starts an ended job again as it was, and answers the new one's id; CONFLICT when it cannot be, PERMISSION when not from afar. */
  retry(id: string, { isRemote = false } = {}): string {
    const repeat = this.#repeats.get(id)
    if (repeat === undefined)
      throw new AppError('CONFLICT', 'This job cannot be started again as it was', 'Start it anew where it was started.')
    if (isRemote && repeat.isHere)
      throw new AppError('PERMISSION', 'This job names files of the machine that it ran on', 'Start it again in the app there.')
    const started = repeat.again()
    this.#repeats.delete(id)
    this.changes.bump()
    return started.id
  }

  /** Asks a running job to stop; one that has ended is left alone. */
  cancel(id: string): void {
    this.#running.get(id)?.abort.abort(new AppError('CANCELLED', 'Cancelled'))
  }

  /** Cancels everything and waits for its end. */
  async close(): Promise<void> {
    const running = [...this.#running.values()]
    for (const { job } of running) this.cancel(job.id)
    await Promise.all(running.map(({ ended }) => ended))
  }

  #keep(id: string, repeat: Repeat): void {
    this.#repeats.set(id, repeat)
    for (const oldest of [...this.#repeats.keys()].slice(0, -REPEATS)) this.#repeats.delete(oldest)
    this.changes.bump()
  }

  #refuseHeld(locks: readonly string[]): void {
    for (const { job, locks: held } of this.#running.values()) {
      const shared = locks.find((lock) => held.includes(lock))
      if (shared) throw new AppError('CONFLICT', `"${job.title}" is using ${shared}`, 'Wait until it has ended, or cancel it.')
    }
  }

  async #carryOut<T>(job: KeptJob, signal: AbortSignal, work: (context: JobContext) => Promise<T>): Promise<T> {
    // The work starts after this turn, so that the job is listed before it can end.
    await Promise.resolve()
    try {
      signal.throwIfAborted()
      const value = await work(this.#contextOf(job, signal))
      Object.assign(job, { state: 'done', step: job.steps.length })
      return value
    } catch (thrown) {
      const error = signal.aborted ? new AppError('CANCELLED', `Cancelled: ${job.title}`, '', thrown) : toAppError(thrown)
      Object.assign(job, { state: error.code === 'CANCELLED' ? 'cancelled' : 'failed', failure: error.toFailure() })
      throw error
    } finally {
      job.endedAt = this.#now()
      this.#running.delete(job.id)
      this.#history.save(job)
      this.changes.bumpAtOnce()
    }
  }

  #contextOf(job: KeptJob, signal: AbortSignal): JobContext {
    return {
      signal,
      step: (name) => {
        const index = job.steps.indexOf(name)
        if (index < 0) throw new AppError('INTERNAL', `Job ${job.kind} has no step "${name}"`)
        Object.assign(job, { step: index, progress: null })
        this.#history.save(job)
        this.changes.bump()
      },
      progress: (done, total, unit) => {
        job.progress = { done, total, unit }
        this.changes.bump()
      },
      log: (line) => this.#history.appendLog(job.id, [line]),
    }
  }
}

function interrupted(): Pick<KeptJob, 'state' | 'failure'> {
  const failure = new AppError('INTERRUPTED', 'OTA Bench stopped while this was running', 'Start it again.').toFailure()
  return { state: 'failed', failure }
}
