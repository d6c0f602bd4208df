import type { BoardConsole, ConsoleEvent } from '../../contract/consoles.ts'
import { AppError, type Failure, toAppError } from '../../contract/errors.ts'
import type { LineSettings } from '../../contract/serial.ts'
import type { Clock } from '../host.ts'
import { Changes, liveValue } from '../lib/changes.ts'
import type { LineLog } from '../lib/line-log.ts'
import type { ConsoleLine, ConsoleRoad } from './line.ts'
import { type ConsoleLogs, plainText } from './logs.ts'
import { Scrollback } from './scrollback.ts'

/** How often it is looked whether a port is back. */
const LOOK_MS = 500
/** Output travels in bursts of so long. */
const BURST_MS = 15

export interface ConsoleParts {
  clock: Clock
  logs: ConsoleLogs
  /** Called when what the list of consoles shows has changed. */
  changed(): void
  /** Called when a console of a known device has printed. */
  printed(): void
}

interface Opening {
  id: string
  deviceId: string | null
  settings: LineSettings | null
}

/** One console, open as long as nobody closes it: over the restart of a page, and over a cable that is pulled and plugged in again. */
export class Console {
  readonly id: string
  readonly road: ConsoleRoad
  readonly #parts: ConsoleParts
  readonly #scrollback = new Scrollback()
  readonly #output = new Changes()
  readonly #closing = new AbortController()
  readonly #openedAt: number
  #log: LineLog
  #joining: Promise<void> = Promise.resolve()
  #line: ConsoleLine | null = null
  #stop: () => void = () => undefined
  #settings: LineSettings | null
  #state: BoardConsole['state'] = 'open'
  #why: Failure | null = null
  #jobId: string | null = null
  #deviceId: string | null
  /** The lines that are whole, and the one that grows. */
  #tail: string[] = ['']

  private constructor(road: ConsoleRoad, parts: ConsoleParts, { log, id, deviceId, settings }: Opening & { log: LineLog }) {
    this.id = id
    this.road = road
    this.#parts = parts
    this.#log = log
    this.#deviceId = deviceId
    this.#settings = settings
    this.#openedAt = parts.clock.now()
  }

  /** Fails as its road does: there is no console then. */
  static async open(road: ConsoleRoad, parts: ConsoleParts, opening: Opening): Promise<Console> {
    const line = await road.open(opening.settings)
    try {
      const log = await parts.logs.open(road.place, opening.deviceId)
      const opened = new Console(road, parts, { ...opening, log })
      opened.#attend(line)
      return opened
    } catch (thrown) {
      await line[Symbol.asyncDispose]()
      throw thrown
    }
  }

  get deviceId(): string | null {
    return this.#deviceId
  }

  /** The last two lines that say something. */
  get tail(): string[] {
    return this.#tail
      .map(plainText)
      .filter((line) => line !== '')
      .slice(-2)
  }

  view(): BoardConsole {
    const line = this.#line
    return {
      ...{ id: this.id, kind: this.road.kind, place: this.road.place, state: this.#state, why: this.#why },
      settings: line?.serial?.settings ?? this.#settings,
      journal: line?.journal?.facts ?? null,
      ...{ canBreak: line?.sendBreak !== undefined, canSendFiles: line?.sendFile !== undefined },
      ...{ jobId: this.#jobId, deviceId: this.#deviceId, openedAt: this.#openedAt, receivedBytes: this.#scrollback.end },
    }
  }

  /** What was printed, as far as it is kept, and what comes; ends when the console is closed. */
  async *follow(signal: AbortSignal | undefined): AsyncGenerator<ConsoleEvent, void, void> {
    let position = 0
    const pieces = () => this.#scrollback.after(position)
    for await (const came of liveValue(signal, [this.#output], pieces, BURST_MS)) {
      for (const { start, at, bytes } of came) {
        if (position > 0 && start > position) yield { kind: 'skipped', bytes: start - position }
        yield { kind: 'output', data: Buffer.from(bytes).toString('base64'), at }
        position = start + bytes.length
      }
      if (this.#closing.signal.aborted) return
    }
  }

  /** The road, as far as it is open and no job types on it. CONFLICT. */
  line(): ConsoleLine {
    if (this.#line === null) throw new AppError('CONFLICT', `${this.road.place} is not open`, this.#why?.hint ?? 'Open it again.')
    if (this.#jobId !== null) throw new AppError('CONFLICT', `A job types on ${this.road.place}`, 'Wait until it has ended, or cancel it.')
    return this.#line
  }

  /** Opens the line anew unless another rate is all that is wanted. */
  async setLine(settings: LineSettings): Promise<void> {
    const { serial } = this.line()
    if (!serial) throw new AppError('BAD_INPUT', `${this.road.place} is no serial port`, 'Only a serial port has such settings.')
    const { baudRate } = settings
    if (JSON.stringify({ ...serial.settings, baudRate }) === JSON.stringify(settings)) await serial.setBaudRate(baudRate)
    else {
      await this.#release()
      await this.#openAgain(settings).catch((thrown: unknown) => {
        this.#goAway(toAppError(thrown).toFailure())
        throw thrown
      })
    }
    this.#parts.changed()
  }

  /** Lets a job type: what it says to the board is in the log, and not on the screen. */
  async during<T>(jobId: string, work: (line: ConsoleLine) => Promise<T>): Promise<T> {
    const line = this.line()
    this.#jobId = jobId
    this.#parts.changed()
    try {
      return await work(line)
    } finally {
      this.#jobId = null
      this.#parts.changed()
    }
  }

  /** A line of ours among what the board prints. */
  notice(text: string): void {
    this.#print(Buffer.from(`\r\n\u001B[36m[${text}]\u001B[0m\r\n`))
  }

  /** One after the other: each closes the log of the one before. */
  join(deviceId: string | null): Promise<void> {
    const joined = this.#joining.then(() => this.#join(deviceId))
    this.#joining = joined.catch(() => undefined)
    return joined
  }

  async #join(deviceId: string | null): Promise<void> {
    if (deviceId === this.#deviceId || this.#closing.signal.aborted) return
    const old = this.#log
    this.#log = await this.#parts.logs.open(this.road.place, deviceId)
    this.#deviceId = deviceId
    await old[Symbol.asyncDispose]()
    this.#parts.changed()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#output.bump()
    await this.#release()
    await this.#joining
    await this.#log[Symbol.asyncDispose]()
    this.#parts.changed()
  }

  #attend(line: ConsoleLine): void {
    this.#line = line
    const stopReading = line.onData((bytes, at) => {
      this.#log.add(bytes, at)
      if (this.#jobId === null) this.#print(bytes, at)
    })
    const stopLooking = line.journal?.onFacts(() => this.#parts.changed())
    this.#stop = () => {
      stopReading()
      stopLooking?.()
    }
    this.#state = 'open'
    this.#why = null
    void line.ended.then(
      () => this.#lost(line, null),
      (thrown: unknown) => this.#lost(line, toAppError(thrown).toFailure()),
    )
    this.#parts.changed()
  }

  #lost(line: ConsoleLine, why: Failure | null): void {
    if (this.#line !== line || this.#closing.signal.aborted) return
    // A line that is lost may also fail to close.
    void this.#release().catch(() => undefined)
    this.#goAway(why)
  }

  #goAway(why: Failure | null): void {
    this.#why = why
    this.#state = this.road.isBack === null ? 'ended' : 'away'
    this.notice(why?.message ?? 'The shell has ended')
    this.#parts.changed()
    if (this.road.isBack !== null) void this.#comeBack(this.road.isBack)
  }

  async #comeBack(isBack: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await this.#parts.clock.sleep(LOOK_MS, signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        if (!(await isBack())) continue
        await this.#openAgain(this.#settings)
        return this.notice(`${this.road.place} is back`)
      } catch (thrown) {
        this.#why = toAppError(thrown).toFailure()
        this.#parts.changed()
      }
    }
  }

  async #openAgain(settings: LineSettings | null): Promise<void> {
    const line = await this.road.open(settings)
    if (this.#closing.signal.aborted) await line[Symbol.asyncDispose]()
    else this.#attend(line)
  }

  async #release(): Promise<void> {
    const line = this.#line
    // It comes back as it was, also with a rate that was found meanwhile.
    if (line?.serial) this.#settings = { ...line.serial.settings }
    this.#line = null
    this.#stop()
    await line?.[Symbol.asyncDispose]()
  }

  #print(bytes: Uint8Array, at = this.#parts.clock.now()): void {
    this.#scrollback.append(bytes, at)
    const [first = '', ...more] = Buffer.from(bytes).toString('latin1').split('\n')
    this.#tail = [...this.#tail.slice(0, -1), `${this.#tail.at(-1) ?? ''}${first}`, ...more].slice(-4).map((line) => line.slice(-1000))
    this.#output.bump()
    if (this.#deviceId !== null) this.#parts.printed()
  }
}
