import { basename } from 'node:path'
import type { BoardConsole } from '../../contract/consoles.ts'
import { AppError } from '../../contract/errors.ts'
import type { LineSettings } from '../../contract/serial.ts'
import type { Host } from '../host.ts'
import { Changes } from '../lib/changes.ts'
import { readWhole } from '../lib/file-streams.ts'
import { Console } from './console.ts'
import type { ConsoleLine, ConsoleRoad, SendingJob } from './line.ts'
import { ConsoleLogs } from './logs.ts'

interface JobRequest {
  kind: string
  title: string
  steps: readonly string[]
  locks: readonly string[]
}

export interface ConsolesParts {
  host: Host
  /** Of the logs. */
  folder: string
  newId(): string
  startJob(request: JobRequest, work: (job: SendingJob) => Promise<void>): { id: string }
  /** Which device a place is the console of, as somebody said once. */
  joined: { get(place: string): string | null; set(place: string, deviceId: string | null): void }
}

export interface OpenRequest {
  settings?: LineSettings | null
  deviceId?: string | null
}

const TELL_MS = 1000
/** A file that is sent is held in memory. */
const MAX_FILE_BYTES = 256 << 20

/** The consoles that this engine holds open, whoever looks at them. */
export class Consoles {
  readonly changes = new Changes()
  /** A console of a known device has printed. Once a second at most: the cards of all devices follow it. */
  readonly printed = new Changes()
  readonly logs: ConsoleLogs
  readonly #parts: ConsolesParts
  readonly #open = new Map<string, Console>()
  /** Of places that are open once. */
  readonly #opening = new Map<string, Promise<{ id: string }>>()
  #telling: NodeJS.Timeout | null = null

  constructor(parts: ConsolesParts) {
    this.#parts = parts
    this.logs = new ConsoleLogs(parts.host, parts.folder)
  }

  list(): BoardConsole[] {
    return [...this.#open.values()].map((each) => each.view())
  }

  async open(road: ConsoleRoad, request: OpenRequest): Promise<{ id: string }> {
    if (!road.isSingle) return this.#openAnew(road, request)
    const { place } = road
    const same = [...this.#open.values()].find((each) => each.road.place === place)
    if (same) return { id: same.id }
    const opening = this.#opening.get(place) ?? this.#openAnew(road, request).finally(() => this.#opening.delete(place))
    this.#opening.set(place, opening)
    return opening
  }

  async #openAnew(road: ConsoleRoad, { settings = null, deviceId = null }: OpenRequest): Promise<{ id: string }> {
    const { host, newId, joined } = this.#parts
    if (deviceId !== null) joined.set(road.place, deviceId)
    const opened = await Console.open(
      road,
      { clock: host.clock, logs: this.logs, changed: () => this.changes.bump(), printed: () => this.#tellPrinted() },
      { id: newId(), deviceId: deviceId ?? joined.get(road.place), settings },
    )
    this.#open.set(opened.id, opened)
    this.changes.bump()
    return { id: opened.id }
  }

  /** NOT_FOUND for one that is closed. */
  find(id: string): Console {
    const found = this.#open.get(id)
    if (!found) throw new AppError('NOT_FOUND', 'This console is closed', 'Open it again.')
    return found
  }

  findBaudRate(id: string): { jobId: string } {
    const found = this.find(id)
    return this.#job(
      found,
      { kind: 'baud-rate', title: `Find the baud rate of ${found.road.place}`, step: 'Listen' },
      async (line, job) => {
        if (!line.serial) throw new AppError('BAD_INPUT', `${found.road.place} is no serial port`, 'An SSH console has no rate.')
        const before = line.serial.settings.baudRate
        try {
          const rate = await line.serial.findBaudRate(job.signal)
          found.notice(`${rate} baud`)
        } catch (thrown) {
          await line.serial.setBaudRate(before)
          throw thrown
        }
      },
    )
  }

  async sendFile(id: string, from: string, to: string): Promise<{ jobId: string }> {
    const { files } = this.#parts.host
    const found = this.find(id)
    const stat = await files.stat(from)
    if (stat?.kind !== 'file') throw new AppError('NOT_FOUND', `There is no file ${from}`, 'Choose a file of this machine.')
    if (stat.sizeBytes > MAX_FILE_BYTES)
      throw new AppError('BAD_INPUT', `${from} has ${stat.sizeBytes} bytes, and ${MAX_FILE_BYTES} is the most`, 'Put it into the image.')
    const content = await readWhole(files, from)
    const path = to.endsWith('/') ? `${to}${basename(from)}` : to
    const request = { kind: 'send-file', title: `Send ${basename(from)} to ${found.road.place}`, step: 'Send' }
    return this.#job(found, request, async (line, job) => {
      if (!line.sendFile) throw new AppError('BAD_INPUT', `${found.road.place} takes no files`, 'Copy it by another road.')
      await line.sendFile({ path, content }, job)
      found.notice(`${path} has arrived, ${content.length} bytes, checked`)
    })
  }

  async join(id: string, deviceId: string | null): Promise<void> {
    const found = this.find(id)
    this.#parts.joined.set(found.road.place, deviceId)
    await found.join(deviceId)
  }

  async close(id: string): Promise<void> {
    const found = this.find(id)
    this.#open.delete(id)
    await found.close()
  }

  async closeAll(): Promise<void> {
    for (const id of this.#open.keys()) await this.close(id)
  }

  /** The last two lines of the console of a device; empty while none is open. */
  tailOf(deviceId: string): string[] {
    return [...this.#open.values()].find((each) => each.deviceId === deviceId)?.tail ?? []
  }

  #tellPrinted(): void {
    if (this.#telling !== null) return
    this.#telling = setTimeout(() => {
      this.#telling = null
      this.printed.bump()
    }, TELL_MS).unref()
  }

  #job(
    found: Console,
    { step, ...request }: { kind: string; title: string; step: string },
    work: (line: ConsoleLine, job: SendingJob) => Promise<void>,
  ): { jobId: string } {
    found.line()
    const locks = [`${found.road.kind}:${found.road.place}`]
    const { id } = this.#parts.startJob({ ...request, steps: [step], locks }, (job) => found.during(id, (line) => work(line, job)))
    return { jobId: id }
  }
}
