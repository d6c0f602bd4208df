import { AppError } from '../../contract/errors.ts'
import { DEVICE_FRAME_LIMIT_BYTES, type Frame, PROTO } from './frame.ts'
import type { DeviceLines, Session } from './lines.ts'
import { ShellStart } from './shell-start.ts'

export interface TerminalSize {
  columns: number
  rows: number
}

export type TerminalEvent =
  | { kind: 'opened'; terminalId: string }
  | { kind: 'output'; bytes: Uint8Array }
  /** `why` is empty when the shell has ended by itself. */
  | { kind: 'closed'; why: string }

/** Output that waits for a slow screen; the device waits above it. */
const FULL_BYTES = 256 * 1024
const INPUT_CHUNK_BYTES = DEVICE_FRAME_LIMIT_BYTES / 2
const STATUS_ERROR = 2
const START_MS = 30_000

interface OpenTerminal {
  session: Session
  start: ShellStart
  /** Resolves when all that was typed before has been sent. */
  typed: Promise<void>
}

/** Terminals on devices that somebody of this engine looks at. */
export class Terminals {
  readonly #open = new Map<string, OpenTerminal>()
  readonly #lines: DeviceLines

  constructor(lines: DeviceLines) {
    this.#lines = lines
  }

  /**
   * A shell on a device: what it prints, until it ends or the reader leaves, which stops it. DEVICE_UNREACHABLE when the device is not
   * connected; CONFLICT when it starts no shell.
   */
  async *open(deviceId: string, { columns, rows }: TerminalSize, signal?: AbortSignal): AsyncGenerator<TerminalEvent, void, void> {
    const inbox = new Inbox()
    signal?.addEventListener('abort', () => inbox.end(''), { once: true })
    await this.#lines.awaitReturn(deviceId, signal)
    const session = this.#lines.open(deviceId, {
      take: (frame) => {
        if (frame.proto === PROTO.shell && frame.type === 'ping') session.send({ proto: PROTO.shell, type: 'pong' })
        else if (frame.proto === PROTO.control && frame.type === 'ping') session.send({ proto: PROTO.control, type: 'pong' })
        else if (start.fromDevice(frame)) session.setFull(inbox.push(frame))
      },
      ended: (why) => inbox.end(why),
    })
    const start = new ShellStart(session)
    const slow = setTimeout(() => inbox.end('The device has started no shell'), START_MS)
    try {
      const props = { user_id: session.id, terminal_width: columns, terminal_height: rows }
      session.send({ proto: PROTO.shell, type: 'new', props })
      start.toDevice({ proto: PROTO.shell, type: 'new', props })
      for await (const event of inbox.events(session)) {
        clearTimeout(slow)
        if (event.kind === 'opened') this.#open.set(session.id, { session, start, typed: Promise.resolve() })
        yield event
      }
    } finally {
      clearTimeout(slow)
      this.#open.delete(session.id)
      start.close()
      session.close()
    }
  }

  /** What was typed, behind what was typed before. NOT_FOUND when the terminal is closed. */
  async type(terminalId: string, bytes: Uint8Array): Promise<void> {
    const terminal = this.#find(terminalId)
    terminal.typed = terminal.typed.then(() => this.#send(terminal.session, bytes))
    await terminal.typed
  }

  async #send(session: Session, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += INPUT_CHUNK_BYTES) {
      session.send({ proto: PROTO.shell, type: 'shell', body: bytes.subarray(at, at + INPUT_CHUNK_BYTES) })
      if (session.pendingBytes() > FULL_BYTES) await new Promise<void>((resolve) => session.onDrain(resolve))
    }
  }

  /** The window has another size. NOT_FOUND when the terminal is closed. */
  resize(terminalId: string, { columns, rows }: TerminalSize): void {
    const { session, start } = this.#find(terminalId)
    const frame = { proto: PROTO.shell, type: 'resize', props: { terminal_width: columns, terminal_height: rows } }
    session.send(frame)
    start.toDevice(frame)
  }

  #find(terminalId: string): OpenTerminal {
    const found = this.#open.get(terminalId)
    if (!found) throw new AppError('NOT_FOUND', 'This terminal is closed', 'Open a new one.')
    return found
  }
}

/** Frames of a terminal until somebody reads them. */
class Inbox {
  readonly #frames: Frame[] = []
  #bytes = 0
  #ended: string | null = null
  #wake: () => void = () => undefined

  /** Answers whether there is enough for now. */
  push(frame: Frame): boolean {
    this.#frames.push(frame)
    this.#bytes += frame.body.length
    this.#wake()
    return this.#bytes > FULL_BYTES
  }

  end(why: string): void {
    this.#ended ??= why
    this.#wake()
  }

  async *events(session: Session): AsyncGenerator<TerminalEvent, void, void> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame) {
        this.#bytes -= frame.body.length
        if (this.#bytes <= FULL_BYTES / 2) session.setFull(false)
        const event = toEvent(frame, session.id)
        if (event) yield event
        if (event?.kind === 'closed') return
      } else if (this.#ended !== null) {
        return yield { kind: 'closed', why: this.#ended }
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    }
  }
}

function toEvent({ proto, type, props, body }: Frame, terminalId: string): TerminalEvent | null {
  if (proto !== PROTO.shell) return null
  if (type === 'shell' && props['status'] !== STATUS_ERROR) return { kind: 'output', bytes: body }
  // The words that come along are those of a terminal whose other end has closed: an input/output error.
  if (type === 'stop') return { kind: 'closed', why: '' }
  if (props['status'] === STATUS_ERROR) return { kind: 'closed', why: Buffer.from(body).toString() || 'The device has started no shell' }
  return type === 'new' ? { kind: 'opened', terminalId } : null
}
