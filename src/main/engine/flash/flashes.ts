import { basename } from 'node:path'
import { AppError, toAppError } from '../../contract/errors.ts'
import { type FlashRequest, type FlashView, KEPT_DONE_COUNT, type Lane, flashRequest } from '../../contract/flash.ts'
import type { DriveIdentity } from '../../contract/drives.ts'
import type { Host } from '../host.ts'
import { Changes } from '../lib/changes.ts'
import { unless } from '../lib/unless.ts'
import { afterEvent, ended, isOpen, isOver, newLane, titleOf } from './lane-view.ts'
import { KnownImages } from './known-images.ts'
import { Meter } from './meter.ts'
import { FlashRecords } from './records.ts'
import { type OpenSource, openSource, readToEnd } from './source.ts'
import { Steerings } from './steerings.ts'
import { type TargetParts, refuseTwins } from './targets.ts'
import { isWrittenSince, toldViews } from './written-since.ts'
import { type Comparison, writeCard } from './write-card.ts'

/** What of a job the work of a lane needs. */
interface LaneJob {
  signal: AbortSignal
  step(name: (typeof STEPS)[number]): void
  progress(done: number, total: number | null, unit: 'bytes'): void
  log(line: string): void
}

/** Where lanes run as jobs. */
interface Jobs {
  start(
    request: { kind: string; title: string; steps: readonly string[]; locks: string[]; batch: string },
    work: (job: LaneJob) => Promise<void>,
  ): { id: string; result: Promise<void> }
  cancel(id: string): void
}

export interface FlashParts {
  host: Host
  folder: string
  jobs: Jobs
  targets: Omit<TargetParts, 'files'>
  newId(): string
  onDefect(error: AppError): void
}

const STEPS = ['Check the image', 'Open', 'Write', 'Verify', 'Finish'] as const
const STEP_OF = { checking: STEPS[0], opening: STEPS[1], writing: STEPS[2], verifying: STEPS[3], finishing: STEPS[4] } as const

/** Lanes that are started together: they share one reading of the image. */
interface Run {
  view: FlashView
  comparison: Comparison
  source: Promise<OpenSource>
  abort: AbortController
  leftCount: number
}

/** Images on their way to cards: those that go on, and those that have ended until they are forgotten. */
export class Flashes {
  readonly changes = new Changes()
  readonly #parts: FlashParts
  readonly #records: FlashRecords
  readonly #known: KnownImages
  readonly #steerings = new Steerings()
  readonly #ending = new Set<Promise<unknown>>()
  #views: FlashView[]
  #isClosing = false

  private constructor(parts: FlashParts, records: FlashRecords, views: FlashView[]) {
    this.#parts = parts
    this.#records = records
    this.#known = new KnownImages(parts.host, `${parts.folder}/known-images`)
    this.#views = views
  }

  /** With what an earlier engine left. */
  static async open(parts: FlashParts): Promise<Flashes> {
    const records = new FlashRecords(parts.host.files, parts.folder)
    const flashes = new Flashes(parts, records, await records.load(parts.onDefect))
    flashes.#follow(flashes.#forgetOld())
    return flashes
  }

  list(): FlashView[] {
    return toldViews(this.#views)
  }

  /** Starts a lane for each target. BAD_INPUT, NOT_FOUND. */
  async start(wanted: FlashRequest): Promise<{ id: string }> {
    const request = flashRequest.parse(wanted)
    refuseTwins(request)
    const { newId, host } = this.#parts
    const lanes = request.targets.map((target) => newLane(newId(), target))
    const view: FlashView = { id: newId(), request, source: null, sha256: null, isSummed: false, lanes, startedAt: host.clock.now() }
    this.#views = [view, ...this.#views]
    await this.#recordAndRun(view, lanes, request.differential ? 'if it pays' : 'never')
    return { id: view.id }
  }

  pause(id: string, laneIds: readonly string[] | null): void {
    for (const lane of this.#lanes(id, laneIds).filter(isOpen)) this.#steerings.pause(lane.id)
  }

  continue(id: string, laneIds: readonly string[] | null): void {
    for (const lane of this.#lanes(id, laneIds)) this.#steerings.continue(lane.id)
  }

  cancel(id: string, laneIds: readonly string[] | null): void {
    for (const lane of this.#lanes(id, laneIds)) if (isOpen(lane) && lane.jobId !== null) this.#parts.jobs.cancel(lane.jobId)
  }

  /** Finishes what did not succeed: what is on the card is read, and only the rest is written. CONFLICT when there is nothing to finish. */
  async retry(id: string, laneIds: readonly string[] | null, identities: Readonly<Record<string, DriveIdentity>>): Promise<void> {
    const view = this.#view(id)
    const isLeft = (lane: Lane): boolean => !isOpen(lane) && lane.state !== 'done' && !isWrittenSince(this.#views, view, lane)
    const lanes = this.#lanes(id, laneIds).filter(isLeft)
    if (lanes.length === 0)
      throw new AppError('CONFLICT', 'There is nothing to finish', 'All of it is written, goes on, or was written anew since.')
    for (const lane of lanes) {
      const identity = identities[lane.id] ?? lane.target.identity
      const path = identities[lane.id]?.path ?? lane.target.path
      Object.assign(lane, newLane(lane.id, { ...lane.target, path, identity }, lane.isBegun))
    }
    await this.#recordAndRun(view, lanes, 'always')
  }

  async forget(id: string): Promise<void> {
    const view = this.#view(id)
    if (view.lanes.some(isOpen)) throw new AppError('CONFLICT', 'It goes on', 'Cancel it first.')
    this.#views = this.#views.filter((each) => each !== view)
    this.changes.bump()
    await this.#records.remove(id)
  }

  /** A list that only grows is read at each start, and travels at each change. What can be finished stays. */
  async #forgetOld(): Promise<void> {
    const over = this.list().filter(
      ({ lanes, isSummed }) => lanes.every(isOver) && (isSummed || lanes.every(({ state }) => state !== 'done')),
    )
    for (const { id } of over.slice(KEPT_DONE_COUNT)) await this.forget(id)
  }

  /** From now on, lanes that are cancelled count as interrupted: they can be finished at the next start. */
  beginToClose(): void {
    this.#isClosing = true
  }

  /** Resolves when everything that has ended is on the disk. */
  async settled(): Promise<void> {
    await Promise.all(this.#ending)
  }

  /** Once it is recorded: wherever it is cut off, it has to be known at the next start. */
  async #recordAndRun(view: FlashView, lanes: readonly Lane[], comparison: Comparison): Promise<void> {
    // What is cut off before a writer starts would else be taken for older than what its target got before.
    for (const lane of lanes) lane.startedAt = this.#parts.host.clock.now()
    try {
      await this.#save(view)
      if (this.#isClosing) throw new AppError('ENGINE_STOPPED', 'OTA Bench stopped before anything was written', 'Start it, and try again.')
    } catch (thrown) {
      for (const lane of lanes) ended(lane, { now: this.#parts.host.clock.now(), thrown, isClosing: this.#isClosing })
      this.changes.bump()
      throw thrown
    }
    this.#run(view, lanes, comparison)
  }

  #run(view: FlashView, lanes: readonly Lane[], comparison: Comparison): void {
    const { host, folder, newId } = this.#parts
    const abort = new AbortController()
    const { source: path, bmap, sha256 } = view.request
    const source = openSource({
      ...{ files: host.files, programs: host.programs, freeBytes: host.machine.freeBytes, known: this.#known },
      ...{ wish: { path, bmap, sha256 }, spoolPath: `${folder}/${newId()}.image`, signal: abort.signal },
    })
    const run: Run = { view, comparison, source, abort, leftCount: lanes.length }
    this.#follow(source.then((opened) => this.#take(view, opened)))
    for (const lane of lanes) this.#startLane(run, lane)
    this.changes.bump()
  }

  /** Notes what is known of the source, at once and at its end. */
  async #take(view: FlashView, source: OpenSource): Promise<void> {
    view.source = source.facts
    this.changes.bump()
    const sha256 = await source.sha256
    Object.assign(view, { source: readToEnd(source.facts), sha256, isSummed: true })
    this.changes.bumpAtOnce()
    await this.#save(view)
  }

  #startLane(run: Run, lane: Lane): void {
    const { jobs } = this.#parts
    const { view } = run
    const title = `Flash ${basename(view.request.source)} to ${titleOf(lane.target)}`
    try {
      const request = { kind: 'flash', title, steps: STEPS, locks: [lane.target.path], batch: view.id }
      const job = jobs.start(request, (context) => this.#carryOut(run, lane, context))
      lane.jobId = job.id
      // The lane has ended when its job has: then the target is free again.
      const end = (thrown?: unknown): Promise<void> => this.#end(run, lane, { thrown })
      this.#follow(job.result.then(() => end(), end))
    } catch (thrown) {
      // Another job holds this target: the other lanes go on.
      this.#follow(this.#end(run, lane, { thrown }))
    }
  }

  async #carryOut(run: Run, lane: Lane, job: LaneJob): Promise<void> {
    const { host, targets } = this.#parts
    Object.assign(lane, { state: 'running', startedAt: host.clock.now() })
    this.#phase(lane, 'checking', job)
    const source = await unless(job.signal, run.source)
    if (source.facts.format === 'artifact' && run.view.request.partition === null)
      throw new AppError(
        'BAD_INPUT',
        `${run.view.request.source} is an artifact, which goes into one slot`,
        'Say which partition: --partition 2.',
      )
    this.#phase(lane, 'opening', job)
    const { request } = run.view
    await writeCard({
      ...{ host, targets, source, feed: source.feed, target: lane.target, request, overlay: null },
      ...{ comparison: run.comparison, signal: job.signal, onEvent: this.#listener(source, lane, job) },
      onStart: (steering) => this.#steerings.start(lane.id, steering),
    })
  }

  #listener(source: OpenSource, lane: Lane, job: LaneJob): Parameters<typeof writeCard>[0]['onEvent'] {
    const meter = new Meter()
    return (event) => {
      const { clock } = this.#parts.host
      const before = lane.phase
      const mappedBytes = source.feed.imageBytes === null ? source.facts.mappedBytes : source.feed.mappedBytes
      afterEvent(lane, event, { meter, now: clock.now(), mappedBytes, waitsFor: source.waitsFor() })
      if (lane.phase !== before) job.step(STEP_OF[lane.phase])
      if (event.event === 'progress') job.progress(lane.doneBytes, lane.totalBytes, 'bytes')
      else if (event.event !== 'paused' && event.event !== 'continued') job.log(JSON.stringify(event))
      this.changes.bump()
    }
  }

  #phase(lane: Lane, phase: Lane['phase'], job: LaneJob): void {
    lane.phase = phase
    job.step(STEP_OF[phase])
    this.changes.bump()
  }

  async #end(run: Run, lane: Lane, { thrown }: { thrown?: unknown }): Promise<void> {
    this.#steerings.end(lane.id)
    ended(lane, { now: this.#parts.host.clock.now(), thrown, isClosing: this.#isClosing })
    this.changes.bumpAtOnce()
    run.leftCount -= 1
    if (run.leftCount === 0) this.#follow(closeSource(run))
    await this.#save(run.view)
    await this.#forgetOld()
  }

  /** Not one that was forgotten meanwhile: it would come back at the next start. */
  async #save(view: FlashView): Promise<void> {
    if (!this.#views.includes(view)) return
    const saving = this.#records.save(view)
    this.#follow(saving)
    await saving
  }

  /** Waits for it when the engine ends; a failure is a defect unless somebody else hears it. */
  #follow(work: Promise<void>): void {
    const settled = work.catch((thrown: unknown) => {
      const error = toAppError(thrown)
      if (error.code === 'INTERNAL') this.#parts.onDefect(error)
    })
    this.#ending.add(settled)
    void settled.then(() => this.#ending.delete(settled))
  }

  #view(id: string): FlashView {
    const view = this.#views.find((each) => each.id === id)
    if (!view) throw new AppError('NOT_FOUND', `There is no flash ${id}`, 'It may have been forgotten.')
    return view
  }

  #lanes(id: string, laneIds: readonly string[] | null): Lane[] {
    return this.#view(id).lanes.filter((lane) => laneIds === null || laneIds.includes(lane.id))
  }
}

/** When the last lane has ended, and the image is read to its end for its sum. */
async function closeSource({ source, abort, view }: Run): Promise<void> {
  const isWanted = view.lanes.some(({ state }) => state === 'done')
  if (!isWanted) abort.abort()
  const opened = await source.catch(() => null)
  if (!opened) return
  if (isWanted) await opened.sha256.catch(() => undefined)
  abort.abort()
  await opened[Symbol.asyncDispose]()
}
