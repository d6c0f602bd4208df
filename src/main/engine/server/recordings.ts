import { z } from 'zod'
import { castHeader, castLine, type CastEvent } from '../../contract/asciicast.ts'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { Recording } from '../../contract/recordings.ts'
import { deviceName } from '../fleet/identity.ts'
import type { Clock, Files, HostFile } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'
import type { Store } from '../store/open.ts'
import { noteOrder } from './audit.ts'

/** What is kept of one terminal at most; Mender keeps as much. */
const MAX_BYTES = 8 * 1024 * 1024
/** How many are kept. */
const KEPT = 200
const FLUSH_MS = 1000
const IS_ON = 'recordings.isOn'

interface RecordingParts {
  store: Store
  files: Files
  clock: Clock
  newId(): string
  /** Absolute; made when the first terminal is recorded. */
  folder: string
  onDefect(error: AppError): void
}

/** Who opens which terminal. */
export interface RecordedTerminal {
  deviceId: string
  actor: string
  /** By which token, empty for a session. */
  token: string
  address: string
  columns: number
  rows: number
}

/** Records what terminals show, as far as that is switched on. */
export class Recordings {
  readonly #parts: RecordingParts
  readonly #running = new Map<string, TerminalRecording>()

  constructor(parts: RecordingParts) {
    this.#parts = parts
  }

  get isOn(): boolean {
    return this.#parts.store.settings.get(IS_ON, z.boolean()) ?? true
  }

  setOn(isOn: boolean): void {
    this.#parts.store.settings.set(IS_ON, isOn)
  }

  /** Begins one, and notes it in the audit log; null while nothing is recorded. */
  begin({ deviceId, actor, token, address, columns, rows }: RecordedTerminal): TerminalRecording | null {
    if (!this.isOn) return null
    const { store, clock, newId, folder } = this.#parts
    const device = store.devices.get(deviceId)
    const [id, startedAt, name] = [newId(), clock.now(), device ? deviceName(device) : deviceId]
    store.recordings.add({ id, deviceId, deviceName: name, actor, startedAt })
    noteOrder(
      { store, now: () => startedAt },
      { actor, token, address, action: 'terminal.record', input: { deviceId, recordingId: id }, failure: null },
    )
    const recording = new TerminalRecording(
      { ...this.#parts, path: `${folder}/${id}.cast`, id, startedAt },
      castHeader({ columns, rows, startedAt, title: name }),
      () => this.#running.delete(id),
    )
    this.#running.set(id, recording)
    void this.#forgetOld()
    return recording
  }

  list(): Recording[] {
    return this.#parts.store.recordings.list().map((each) => ({ ...each, isRunning: this.#running.has(each.id) }))
  }

  /** Its file, as far as it has come. NOT_FOUND when there is none. */
  async read(id: string): Promise<string> {
    const { store, files, folder } = this.#parts
    await this.#running.get(id)?.flushed()
    const path = `${folder}/${id}.cast`
    if (!store.recordings.get(id)) throw unknown(id)
    if (!(await files.stat(path)))
      throw new AppError(
        'NOT_FOUND',
        'The file of this recording is not here',
        'It came with a backup from before backups held recordings, or the disk was full.',
      )
    return new TextDecoder().decode(await readWhole(files, path))
  }

  /** CONFLICT while it goes on. */
  async remove(id: string): Promise<void> {
    const { store, files, folder } = this.#parts
    if (!store.recordings.get(id)) throw unknown(id)
    if (this.#running.has(id)) throw new AppError('CONFLICT', 'The terminal is still open', 'Close it first.')
    await files.remove(`${folder}/${id}.cast`)
    store.recordings.remove(id)
  }

  /** Ends what is recorded, when the engine ends. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((recording) => recording.end()))
  }

  async #forgetOld(): Promise<void> {
    try {
      for (const { id } of this.#parts.store.recordings.list().slice(KEPT)) if (!this.#running.has(id)) await this.remove(id)
    } catch (thrown) {
      this.#parts.onDefect(toAppError(thrown))
    }
  }
}

interface OneParts extends RecordingParts {
  id: string
  path: string
  startedAt: number
}

/** One terminal. What it shows is written within a second; a disk that is full ends the recording and not the terminal. */
export class TerminalRecording {
  readonly #parts: OneParts
  readonly #ended: () => void
  readonly #decoder = new TextDecoder()
  readonly #timer: NodeJS.Timeout
  #waiting: string
  /** Of all that was taken, also what is still being written. */
  #takenBytes: number
  #writing: Promise<void> = Promise.resolve()
  #sizeBytes = 0
  #isCut = false
  #end: Promise<void> | null = null

  constructor(parts: OneParts, header: string, ended: () => void) {
    this.#parts = parts
    this.#waiting = header
    this.#takenBytes = Buffer.byteLength(header)
    this.#ended = ended
    this.#timer = setInterval(() => void this.flushed(), FLUSH_MS).unref()
  }

  output(bytes: Uint8Array): void {
    this.#add('output', this.#decoder.decode(bytes, { stream: true }))
  }

  resize(columns: number, rows: number): void {
    this.#add('resize', `${columns}x${rows}`)
  }

  /** Resolves when all that was shown is in the file. */
  flushed(): Promise<void> {
    const text = this.#waiting
    this.#waiting = ''
    if (text !== '') this.#writing = this.#writing.then(() => this.#write(text))
    return this.#writing
  }

  /** Resolves when it is whole on disk. */
  end(): Promise<void> {
    this.#end ??= this.#finish()
    return this.#end
  }

  async #finish(): Promise<void> {
    clearInterval(this.#timer)
    await this.flushed()
    this.#ended()
    this.#note(this.#parts.clock.now())
  }

  #add(kind: CastEvent['kind'], text: string): void {
    if (this.#end || this.#isCut || text === '') return
    const line = castLine({ atMs: this.#parts.clock.now() - this.#parts.startedAt, kind, text })
    const bytes = Buffer.byteLength(line)
    if (this.#takenBytes + bytes > MAX_BYTES) return void (this.#isCut = true)
    this.#takenBytes += bytes
    this.#waiting += line
  }

  async #write(text: string): Promise<void> {
    const { files, folder, path } = this.#parts
    try {
      await files.makeFolder(folder)
      await using file = await this.#open(path)
      const bytes = new TextEncoder().encode(text)
      await file.write(bytes, this.#sizeBytes)
      this.#sizeBytes += bytes.length
      this.#note(null)
    } catch (thrown) {
      this.#isCut = true
      this.#parts.onDefect(toAppError(thrown))
    }
  }

  async #open(path: string): Promise<HostFile> {
    const file = await this.#parts.files.open(path, 'edit')
    if (this.#sizeBytes === 0) await this.#parts.files.setMode(path, 0o600)
    return file
  }

  #note(endedAt: number | null): void {
    try {
      this.#parts.store.recordings.update(this.#parts.id, { endedAt, sizeBytes: this.#sizeBytes, isCut: this.#isCut })
    } catch (thrown) {
      this.#parts.onDefect(toAppError(thrown))
    }
  }
}

function unknown(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no recording ${id}`, `The last ${KEPT} are kept.`)
}
