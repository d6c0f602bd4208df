import { AppError, type ErrorCode, toAppError } from '../../contract/errors.ts'
import { type Event, MAX_SUMS, type OpenOrder, type Order } from '../../writer/protocol.ts'
import type { Programs, RunningProgram } from '../host.ts'
import type { Feed } from './feed.ts'
import { eventsOf, failureOf } from './writer-events.ts'

export interface LaneWork {
  programs: Programs
  /** What messages call it. */
  target: string
  /** Starts the writer on the target. */
  command: readonly string[]
  order: OpenOrder
  /** What of the image is there to be written. */
  feed: Pick<Feed, 'follow' | 'trusted' | 'imageBytes'>
  /** Of the chunks of the image, where they are known. */
  sums: readonly number[]
  /** Ends it at the next chunk. */
  signal: AbortSignal
  onEvent(event: Event): void
  /** Gets what can be said to the writer meanwhile. */
  onStart(steering: Steering): void
}

export interface Steering {
  pause(): void
  continue(): void
}

/** Longer lists of ranges are told in several orders. */
const RANGES_AN_ORDER = 2000

/** Runs the writer on one target. It has succeeded when this resolves, and in no other case. */
export async function runLane(work: LaneWork): Promise<void> {
  const { programs, command, order, sums, signal, onStart } = work
  const [name = '', ...args] = command
  signal.throwIfAborted()
  const program = programs.start(name, args)
  const say = (said: Order): void => program.write(`${JSON.stringify(said)}\n`)
  const ending = new AbortController()
  // A writer that is asked to stop finishes what is in flight: it is not killed.
  const stop = (): void => program.endInput()
  signal.addEventListener('abort', stop)
  try {
    say({ order: 'open', ...order })
    for (let at = 0; at < sums.length; at += MAX_SUMS) say({ order: 'sums', sums: sums.slice(at, at + MAX_SUMS) })
    onStart({ pause: () => say({ order: 'pause' }), continue: () => say({ order: 'continue' }) })
    const feeding = feedTo(say, work.feed, AbortSignal.any([signal, ending.signal]))
    void feeding.then((failure) => failure && program.endInput())
    const last = await lastEvent(program, work)
    ending.abort()
    const feedFailure = await feeding
    const { exitCode, stderr } = await program.ended
    signal.throwIfAborted()
    if (feedFailure) throw feedFailure
    if (last?.event === 'failed') throw failureOf(last, work.target)
    if (last?.event !== 'done' || exitCode !== 0) throw lost(work.target, exitCode, stderr)
  } finally {
    ending.abort()
    signal.removeEventListener('abort', stop)
    program.endInput()
  }
}

/** Hears all that a writer says; answers what it said last. */
async function lastEvent(program: RunningProgram, { onEvent }: LaneWork): Promise<Event | null> {
  let last: Event | null = null
  for await (const event of eventsOf(program.output)) {
    // An order that came too late may still be answered.
    if (last?.event === 'done' || last?.event === 'failed') continue
    last = event
    onEvent(event)
    // It waits for its standard input to end no longer than it has something to say.
    if (event.event === 'done' || event.event === 'failed') program.endInput()
  }
  return last
}

/** Tells the writer what of the image there is, as it comes. Answers why there will be no more; the writer is then stopped. */
async function feedTo(say: (order: Order) => void, feed: LaneWork['feed'], signal: AbortSignal): Promise<AppError | null> {
  try {
    for await (const ranges of feed.follow(signal)) {
      for (let at = 0; at < ranges.length; at += RANGES_AN_ORDER)
        say({ order: 'write', ranges: ranges.slice(at, at + RANGES_AN_ORDER).map(({ start, end }) => [start, end]) })
    }
    if (!signal.aborted) say({ order: 'end', imageBytes: feed.imageBytes ?? 0 })
    await feed.trusted(signal)
    if (!signal.aborted) say({ order: 'seal' })
    return null
  } catch (thrown) {
    return toAppError(thrown)
  }
}

/** What else than the writer ends with these: the lock on the drive; the opener, which udisks has refused; it and pkexec, without a password. */
const ENDED_BY: Readonly<Partial<Record<number, readonly [ErrorCode, string, string]>>> = {
  75: ['DRIVE_BUSY', 'another program has locked it', 'Wait until that is done with it, and retry.'],
  77: [
    'PERMISSION',
    'udisks may not open it for you',
    'Have an administrator allow it (org.freedesktop.udisks2.open-device in polkit), or see otabench doctor for other ways.',
  ],
  126: ['PERMISSION', 'the password was not given', 'Retry, and give it.'],
  127: ['PERMISSION', 'the system does not let you write it', 'See otabench doctor, which says how to be allowed to.'],
}

function lost(target: string, exitCode: number, stderr: string): AppError {
  const said = stderr.trim().split('\n').at(-1) ?? ''
  const known = ENDED_BY[exitCode]
  if (known) return new AppError(known[0], `${target}: ${known[1]}${said === '' ? '' : ` (${said})`}`, known[2])
  const message = `The writer ended before the card was whole, with code ${exitCode}${said === '' ? '' : `: ${said}`}`
  return new AppError('INTERRUPTED', message, 'Retry: only what is missing is written.')
}
