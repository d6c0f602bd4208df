import { AppError, toAppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { Changes } from '../lib/changes.ts'
import { LineLog } from '../lib/line-log.ts'
import { BoardConsole } from './board-console.ts'
import { type Evidence, NO_EVIDENCE, type Note, afresh, asKept, asTrial, see } from './evidence.ts'
import type { Hardware } from './qemu-arguments.ts'
import { type QemuProcess, requireQemu, startQemu } from './qemu-process.ts'
import { askToSwitchOff } from './switch-off.ts'

export interface MachineOptions {
  host: Host
  /** The board's own folder, absolute. */
  folder: string
  /** Asked anew each time that it is switched on. */
  hardware(): Promise<Hardware>
  /** Whether the boot loader's environment on the card says that it tries an update, and for the how manieth time; null where it says nothing. */
  trial(): Promise<{ isTrial: boolean; bootCount: number | null } | null>
  /** How long an update that is tried may say nothing before the power is cut. */
  silenceMs: number
  onNote(note: Note & { at: number }): void
}

interface Life {
  abort: AbortController
  runs: Promise<void>
  ended: Promise<void>
}

const WATCH_MS = 1000
const MAX_CRASHES = 3
const CRASH_PAUSE_MS = 500

/** A board with its power switch, its console and its watchdog. A process of QEMU for each start. */
export class BoardMachine {
  readonly changes = new Changes()
  readonly console: BoardConsole
  readonly #options: MachineOptions
  readonly #log: LineLog
  #life: Life | null = null
  #process: QemuProcess | null = null
  #isToStartAnew = false
  #evidence = NO_EVIDENCE
  #failure: AppError | null = null
  #startCount = 0
  #upAt: number | null = null

  private constructor(options: MachineOptions, log: LineLog) {
    this.#options = options
    this.#log = log
    this.console = new BoardConsole(options.host.clock, log, (line) => this.#read(line))
  }

  static async open(options: MachineOptions): Promise<BoardMachine> {
    const { host, folder } = options
    await host.files.makeFolder(folder)
    return new BoardMachine(options, await LineLog.open(`${folder}/serial.log`, host))
  }

  get isOn(): boolean {
    return this.#life !== null
  }

  /** Aborts when the power goes; null once it has gone. */
  get life(): AbortSignal | null {
    const signal = this.#life?.abort.signal
    return signal?.aborted === false ? signal : null
  }

  get evidence(): Evidence {
    return this.#evidence
  }

  /** How often it has started since this machine was opened. */
  get startCount(): number {
    return this.#startCount
  }

  /** Since when the system that runs has asked for a login; null before. */
  get upAt(): number | null {
    return this.#upAt
  }

  /** Of the emulator's process; null while it is off. */
  get processId(): string | null {
    return this.#process?.processId ?? null
  }

  /** Why it does not run though it should; null while all is well. */
  get failure(): AppError | null {
    return this.#failure
  }

  /** Resolves when the board runs. TOOL_MISSING without QEMU; INTERNAL with its last words when it does not start. */
  async powerOn(): Promise<void> {
    this.#life ??= this.#begun()
    await Promise.race([this.#life.runs, this.#life.ended])
    if (this.#failure) throw this.#failure
  }

  /** Asks the system to switch itself off, and cuts the power when it does not. */
  async powerOff(): Promise<void> {
    const { host } = this.#options
    if (!this.#process) return this.cut()
    if (!this.#life) return
    this.#note({ lane: 'power', level: 'info', text: 'Asked to switch itself off' })
    const { ended } = this.#life
    if (!(await askToSwitchOff(this.#process, { clock: host.clock, ended, isUp: () => this.#evidence.phase === 'up' }))) await this.cut()
  }

  /** Takes the power away, wherever the board stands; answers when nothing of it runs any more. */
  async cut(): Promise<void> {
    if (!this.#life) return
    this.#note({ lane: 'power', level: 'warning', text: 'Power cut' })
    await this.stop()
  }

  /** Takes the power away for a moment. */
  reset(why = 'Power cut, and on again'): void {
    if (!this.#process) return
    this.#note({ lane: 'power', level: 'warning', text: why })
    this.#isToStartAnew = true
    this.#process.cut()
  }

  /** As `cut`, without a word on the timeline: the program that runs it ends. */
  async stop(): Promise<void> {
    this.#life?.abort.abort()
    this.#process?.cut()
    await this.#life?.ended
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#log[Symbol.asyncDispose]()
  }

  /** Types into the console; lost while the board is off. */
  type(bytes: Uint8Array): void {
    this.#process?.type(bytes)
  }

  /** A life from its very beginning: who asks for another one meanwhile gets this one. */
  #begun(): Life {
    this.#failure = null
    const abort = new AbortController()
    const runs = Promise.withResolvers<void>()
    const ended = this.#live(abort.signal, runs.resolve)
      .catch((thrown: unknown) => {
        this.#failure = toAppError(thrown)
        this.#note({ lane: 'power', level: 'error', text: this.#failure.message })
      })
      .finally(() => this.#isOver(abort))
    void this.#watch(abort.signal)
    return { abort, runs: runs.promise, ended }
  }

  async #live(signal: AbortSignal, onRunning: () => void): Promise<void> {
    const { host, hardware } = this.#options
    await requireQemu(host)
    let parts = await hardware()
    if (signal.aborted) return
    this.#note({ lane: 'power', level: 'info', text: 'Power on' })
    for (let crashes = 0; !signal.aborted;) {
      this.#begin()
      const process = startQemu(host, parts, (bytes) => this.console.add(bytes))
      this.#process = process
      void process.monitor.command('query-status').then(onRunning, () => undefined)
      const end = await process.ended
      this.#process = null
      const isAgain = end.kind === 'reset' || (end.kind === 'cut' && this.#isToStartAnew)
      if (end.kind === 'crashed') {
        crashes = this.#evidence.phase === 'dark' ? crashes + 1 : 1
        if (crashes === MAX_CRASHES) throw crashed(end.text)
        this.#note({ lane: 'power', level: 'error', text: `QEMU has ended: ${end.text}` })
        await host.clock.sleep(CRASH_PAUSE_MS, signal).catch(() => undefined)
        // Somebody else may have got its TCP port in between: it is given another one.
        parts = await hardware()
      } else if (!isAgain) {
        if (end.kind === 'off') this.#note({ lane: 'power', level: 'info', text: 'The board is off: its system has switched it off' })
        return
      }
    }
  }

  #begin(): void {
    this.#isToStartAnew = false
    this.#evidence = afresh(this.#evidence)
    this.#startCount += 1
    this.console.begin()
    this.changes.bump()
  }

  #isOver(abort: AbortController): void {
    abort.abort()
    this.#life = null
    this.#evidence = afresh(this.#evidence)
    this.changes.bump()
  }

  /** The watchdog that the board lacks: an update that hangs before it is up is cut off, and the boot loader decides. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { host, silenceMs } = this.#options
    while (!signal.aborted) {
      await host.clock.sleep(WATCH_MS, signal).catch(() => undefined)
      const { isTrial, phase } = this.#evidence
      const limitMs = silenceMs
      if (signal.aborted || !isTrial || phase === 'up' || host.clock.now() - this.console.lastHeardAt < limitMs) continue
      this.reset(
        `No sign of life for ${limitMs / 1000} s after the update was started: power cycle by the bench, the watchdog of this board`,
      )
    }
  }

  /** What the boot loader's environment on the card says now. */
  seeBoot(boot: { partition: number; isTrial: boolean }): void {
    this.#evidence = asKept(this.#evidence, boot)
  }

  #read(line: string): void {
    const { evidence, note } = see(this.#evidence, line)
    const isStarted = evidence.partition !== null && evidence.partition !== this.#evidence.partition
    this.#evidence = evidence
    this.#upAt = evidence.phase === 'up' ? (this.#upAt ?? this.#options.host.clock.now()) : null
    if (note) this.#note(note)
    if (isStarted) void this.#askForTrial(evidence.partition)
    this.changes.bump()
  }

  async #askForTrial(partition: number | null): Promise<void> {
    const found = await this.#options.trial().catch(() => null)
    if (!found || this.#evidence.partition !== partition) return
    this.#evidence = asTrial(this.#evidence, found.isTrial)
    if (found.isTrial)
      this.#note({ lane: 'boot', level: 'info', text: `It is an update that is tried: boot count ${found.bootCount ?? 0}` })
  }

  #note(note: Note): void {
    this.#options.onNote({ ...note, at: this.#options.host.clock.now() })
    this.changes.bump()
  }
}

function crashed(text: string): AppError {
  const hint = /hostfwd|host forwarding/.test(text)
    ? 'Another program has its TCP port: start the board again, and it gets another one.'
    : 'Read what QEMU says; the file serial.log in the folder of the board shows how far it came.'
  return new AppError(/hostfwd|host forwarding/.test(text) ? 'PORT_IN_USE' : 'INTERNAL', `QEMU does not start the board: ${text}`, hint)
}
