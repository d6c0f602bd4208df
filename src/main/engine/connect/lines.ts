import { AppError, toAppError } from '../../contract/errors.ts'
import { Changes, liveValue } from '../lib/changes.ts'
import { type Frame, PROTO, type Prop, readFrame, readdress, writeFrame } from './frame.ts'

/** A connection that carries whole messages: a WebSocket, as far as this is concerned. */
export interface Pipe {
  send(message: Uint8Array): void
  /** Bytes that were sent and did not leave yet. */
  pendingBytes(): number
  /** Calls `ready` once, when nothing is pending any more. */
  onDrain(ready: () => void): void
  /** Takes no more messages in until it is resumed; the sender's network holds them. */
  pause(): void
  resume(): void
  close(code: number, reason: string): void
}

/** Close codes of RFC 6455. */
export const CLOSE = { normal: 1000, goingAway: 1001, policy: 1008, tooLarge: 1009, malformed: 1007, trouble: 1011 } as const

/** Who takes what a device sends to one session. */
export interface SessionEnd {
  take(frame: Frame, message: Uint8Array): void
  /** The device is gone, or has ended it; nothing comes any more. */
  ended(why: string): void
}

export type ConnectionState =
  | { state: 'connected'; since: number }
  /** Every deployment breaks the connection once, for about a second, when the device renews its token. */
  | { state: 'reconnecting'; since: number }
  | { state: 'disconnected'; since: number }
  /** Not since this server runs. */
  | { state: 'never'; since: null }

const RECONNECT_MS = 10_000
/** mender-connect is back after 50 ms when it notices the new token while it waits for one, after more than a second when it does not. */
const RETURN_MS = 5000
/** Far above what any device sends: mender-connect writes chunks of 4 KiB. */
const MAX_DEVICE_MESSAGE_BYTES = 64 * 1024
const MAX_SESSIONS_OF_A_DEVICE = 64
/** Shells that a broken connection has left running, to be stopped when the device is back; it has 16 at most. */
const MAX_LEFT_SHELLS = 16

/** The devices that hold a connection, and the sessions over it. */
export class DeviceLines {
  readonly changes = new Changes()
  readonly #lines = new Map<string, DeviceLine>()
  readonly #lost = new Map<string, { at: number; shells: string[] }>()
  readonly #parts: { now(): number; newId(): string }

  constructor(parts: { now(): number; newId(): string }) {
    this.#parts = parts
  }

  /** Takes a device's connection, in place of the one that it had: it has come back before the old one was known to be dead. */
  attach(deviceId: string, pipe: Pipe): DeviceLine {
    this.#lines.get(deviceId)?.close(CLOSE.goingAway, 'The device has connected anew')
    const line = new DeviceLine(pipe, this.#parts.now())
    this.#lines.set(deviceId, line)
    for (const sessionId of this.#lost.get(deviceId)?.shells ?? []) line.send(stopShell(sessionId))
    this.#lost.delete(deviceId)
    line.onEnd((shells) => {
      if (this.#lines.get(deviceId) === line) this.#lines.delete(deviceId)
      this.#lost.set(deviceId, { at: this.#parts.now(), shells: shells.slice(-MAX_LEFT_SHELLS) })
      this.changes.bump()
    })
    this.changes.bump()
    return line
  }

  stateOf(deviceId: string): ConnectionState {
    const line = this.#lines.get(deviceId)
    if (line) return { state: 'connected', since: line.since }
    const lost = this.#lost.get(deviceId)
    if (!lost) return { state: 'never', since: null }
    return { state: this.#parts.now() - lost.at < RECONNECT_MS ? 'reconnecting' : 'disconnected', since: lost.at }
  }

  /** Waits for a device that has just lost its connection; not for one that is connected, or was lost some seconds ago. */
  async awaitReturn(deviceId: string, signal?: AbortSignal): Promise<void> {
    const lost = this.#lost.get(deviceId)
    if (!lost || this.#lines.has(deviceId)) return
    const late = AbortSignal.timeout(Math.max(0, lost.at + RETURN_MS - this.#parts.now()))
    const over = signal ? AbortSignal.any([signal, late]) : late
    for await (const isBack of liveValue(over, [this.changes], () => this.#lines.has(deviceId))) if (isBack) return
  }

  /** A session with a device. DEVICE_UNREACHABLE when it is not connected; CONFLICT when it has as many as it may. */
  open(deviceId: string, end: SessionEnd): Session {
    const line = this.#lines.get(deviceId)
    if (!line)
      throw new AppError(
        'DEVICE_UNREACHABLE',
        'The device is not connected',
        'It needs mender-connect, and calls again within seconds after a short cut, within half an hour after a long one.',
      )
    return line.open(this.#parts.newId(), end)
  }

  /** Ends the connection of a device whose key is no longer good. */
  cut(deviceId: string, why: string): void {
    this.#lines.get(deviceId)?.close(CLOSE.policy, why)
  }
}

/** One device's connection. */
export class DeviceLine {
  readonly since: number
  readonly #pipe: Pipe
  readonly #sessions = new Map<string, Session>()
  readonly #full = new Set<Session>()
  #onEnd: ((shells: string[]) => void) | null = null

  constructor(pipe: Pipe, since: number) {
    this.#pipe = pipe
    this.since = since
  }

  onEnd(listener: (shells: string[]) => void): void {
    this.#onEnd = listener
  }

  open(id: string, end: SessionEnd): Session {
    if (this.#sessions.size >= MAX_SESSIONS_OF_A_DEVICE)
      throw new AppError('CONFLICT', `The device has ${MAX_SESSIONS_OF_A_DEVICE} sessions already`, 'Close a terminal or a port forward.')
    const session = new Session(id, end, {
      pipe: this.#pipe,
      setFull: (isFull) => this.#setFull(session, isFull),
      left: () => {
        this.#sessions.delete(id)
        this.#setFull(session, false)
      },
    })
    this.#sessions.set(id, session)
    return session
  }

  send(message: Uint8Array): void {
    this.#pipe.send(message)
  }

  /** What the device sent. A message that is none ends the connection: what follows it could mean anything. */
  receive(message: Uint8Array): void {
    if (message.length > MAX_DEVICE_MESSAGE_BYTES) return this.close(CLOSE.tooLarge, `A message may have ${MAX_DEVICE_MESSAGE_BYTES} bytes`)
    try {
      const frame = readFrame(message)
      this.#sessions.get(frame.sessionId)?.receive(frame, message)
    } catch (thrown) {
      const { code, message: why } = toAppError(thrown)
      this.close(code === 'BAD_INPUT' ? CLOSE.malformed : CLOSE.trouble, why)
    }
  }

  close(code: number, reason: string): void {
    this.#pipe.close(code, reason)
    this.ended(reason)
  }

  /** The connection is no more. */
  ended(why: string): void {
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    for (const session of sessions) session.lost(why)
    const tell = this.#onEnd
    this.#onEnd = null
    tell?.(sessions.filter(({ hasShell }) => hasShell).map(({ id }) => id))
  }

  /** Stops taking from the device while somebody cannot take more from us. */
  #setFull(session: Session, isFull: boolean): void {
    const wasFull = this.#full.size > 0
    if (isFull) this.#full.add(session)
    else this.#full.delete(session)
    if (this.#full.size > 0 === wasFull) return
    if (wasFull) this.#pipe.resume()
    else this.#pipe.pause()
  }
}

interface SessionLine {
  pipe: Pipe
  setFull(isFull: boolean): void
  left(): void
}

/** One conversation with a device, over its connection, under an id of its own. */
export class Session {
  readonly id: string
  /** A shell was asked for and has not ended: its place on the device is taken until it is stopped. */
  hasShell = false
  #hasHandler = false
  readonly #end: SessionEnd
  #line: SessionLine | null

  constructor(id: string, end: SessionEnd, line: SessionLine) {
    this.id = id
    this.#end = end
    this.#line = line
  }

  get isOpen(): boolean {
    return this.#line !== null
  }

  /** Sends a message of somebody else as it is, but in this session and with `props`. Answers the frame. BAD_INPUT for what is none. */
  relay(message: Uint8Array, props: Record<string, Prop>): Frame {
    const sent = readdress(message, this.id, props)
    const frame = readFrame(sent)
    this.#note(frame)
    this.#line?.pipe.send(sent)
    return frame
  }

  send(frame: { proto: number; type: string; props?: Record<string, Prop>; body?: Uint8Array }): void {
    this.#note(frame)
    this.#line?.pipe.send(writeFrame({ ...frame, sessionId: this.id }))
  }

  /** Bytes on their way to the device, of all sessions. */
  pendingBytes(): number {
    return this.#line?.pipe.pendingBytes() ?? 0
  }

  onDrain(ready: () => void): void {
    if (this.#line) this.#line.pipe.onDrain(ready)
    else ready()
  }

  /** Whether who takes what the device sends has no room at the moment. */
  setFull(isFull: boolean): void {
    this.#line?.setFull(isFull)
  }

  receive(frame: Frame, message: Uint8Array): void {
    this.#end.take(frame, message)
  }

  /** Ends it from this side: the device stops the shell and closes what was forwarded or half transferred. */
  close(): void {
    const line = this.#line
    if (!line) return
    if (this.hasShell) line.pipe.send(stopShell(this.id))
    if (this.#hasHandler) line.pipe.send(writeFrame({ proto: PROTO.control, type: 'close', sessionId: this.id }))
    this.#line = null
    line.left()
  }

  lost(why: string): void {
    this.#line = null
    this.#end.ended(why)
  }

  #note({ proto, type }: { proto: number; type: string }): void {
    // A shell that has ended by itself keeps its place too, until it is stopped from here.
    if (proto === PROTO.shell && (type === 'new' || type === 'stop')) this.hasShell = type === 'new'
    if (proto === PROTO.shell) return
    // mender-connect makes a session at the first message of any other protocol, and keeps it until it is closed or idle for a minute.
    this.#hasHandler = !(proto === PROTO.control && type === 'close')
  }
}

function stopShell(sessionId: string): Uint8Array {
  return writeFrame({ proto: PROTO.shell, type: 'stop', sessionId })
}
