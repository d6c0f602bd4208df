import { basename } from 'node:path'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { FlashTarget, Lane } from '../../contract/flash.ts'
import type { Event } from '../../writer/protocol.ts'
import { type Meter, bottleneckOf } from './meter.ts'

/** A lane that has not begun, or begins again. */
export function newLane(id: string, target: FlashTarget, isBegun = false): Lane {
  return {
    ...{ id, target, state: 'waiting', isBegun, isWrittenSince: false, phase: 'checking', doneBytes: 0, totalBytes: null },
    ...{ bytesPerSecond: 0, samples: [], sampleBytes: 0, bottleneck: null, writtenBytes: 0, savedBytes: 0, sampled: null },
    ...{ rewrites: [], rewriteCount: 0, failure: null, startedAt: null, endedAt: null, jobId: null },
  }
}

/** On Linux and macOS, and on Windows. */
const DEVICE = /^(?:\/dev\/|\\\\\.\\)/

/** What a title calls a target: a drive by its path, a file, also one that plays a drive, by its name alone. */
export function titleOf({ path }: Pick<FlashTarget, 'path'>): string {
  return DEVICE.test(path) ? path : basename(path)
}

const OPEN_STATES = ['waiting', 'running', 'paused']

export function isOpen({ state }: Lane): boolean {
  return OPEN_STATES.includes(state)
}

/** Whether there is nothing to finish, of a lane as it is told. */
export function isOver(lane: Lane): boolean {
  return lane.state === 'done' || (!isOpen(lane) && (!lane.isBegun || lane.isWrittenSince))
}

/** How many rewritten places are listed. */
const LISTED_REWRITES = 50

export interface Seen {
  meter: Meter
  now: number
  /** What of the image has to be written, as far as that is known. */
  mappedBytes: number | null
  waitsFor: 'source' | 'decompression'
}

/** The lane after something that its writer said. */
export function afterEvent(lane: Lane, event: Event, { meter, now, mappedBytes, waitsFor }: Seen): void {
  if (event.event === 'paused') Object.assign(lane, { state: 'paused', bottleneck: null, bytesPerSecond: 0 })
  else if (event.event === 'continued') lane.state = 'running'
  else if (event.event === 'ready') Object.assign(lane, { phase: 'writing', isBegun: true })
  else if (event.event === 'sampled') {
    const { samples: count, different, isDifferential } = event
    lane.sampled = { count, different, isDifferential }
  } else if (event.event === 'rewrite') {
    const place = { startBytes: event.start, endBytes: event.end, times: event.times }
    const others = lane.rewrites.filter(({ startBytes }) => startBytes !== event.start)
    Object.assign(lane, { rewrites: [...others, place].slice(0, LISTED_REWRITES), rewriteCount: lane.rewriteCount + 1 })
  } else if (event.event === 'progress') {
    meter.see(event, now)
    const { phase, doneBytes, writtenBytes, savedBytes } = event
    Object.assign(lane, { phase, doneBytes, writtenBytes, savedBytes, totalBytes: event.totalBytes ?? mappedBytes })
    const { samples, sampleBytes, bytesPerSecond } = meter
    Object.assign(lane, { samples: [...samples], sampleBytes })
    if (lane.state === 'running') Object.assign(lane, { bytesPerSecond, bottleneck: bottleneckOf(meter, waitsFor) })
  } else if (event.event === 'done') Object.assign(lane, { writtenBytes: event.writtenBytes, savedBytes: event.savedBytes })
}

export interface End {
  now: number
  /** What the work threw; undefined: it is done. */
  thrown?: unknown
  /** Whether the engine itself is ending. */
  isClosing: boolean
}

/** The lane when its work has ended. */
export function ended(lane: Lane, { now, thrown, isClosing }: End): void {
  Object.assign(lane, { endedAt: now, bottleneck: null, bytesPerSecond: 0 })
  if (thrown === undefined) return void Object.assign(lane, { state: 'done', phase: 'finishing', failure: null })
  const error = toAppError(thrown)
  const isCancelled = error.code === 'CANCELLED'
  const told = isCancelled && isClosing ? new AppError('INTERRUPTED', 'OTA Bench stopped while this was written', FINISH) : error
  Object.assign(lane, { state: isCancelled ? (isClosing ? 'interrupted' : 'cancelled') : 'failed', failure: told.toFailure() })
}

const FINISH = 'Finish it: only what is missing is written.'
