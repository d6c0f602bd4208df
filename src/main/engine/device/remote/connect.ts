import type { WebSocket } from 'ws'
import { toAppError } from '../../../contract/errors.ts'
import { type Frame, type NewFrame, PROTO, readFrame, writeBody, writeFrame } from '../../connect/frame.ts'
import type { Machine } from '../machine.ts'
import type { Controls } from './commands.ts'
import { VirtualDisk } from './disk.ts'
import { VirtualShell } from './shell.ts'
import { FileTransfers } from './transfers.ts'

const CONNECT_PATH = '/api/devices/v1/deviceconnect/connect'
/** The server gives a sign of life every 30 s; without one for so long it is gone. */
const SILENCE_MS = 90_000
const HANDSHAKE_MS = 10_000
/** As many as mender-connect has. */
const MAX_SHELLS = 16
const STATUS = { ok: 1, error: 2 } as const
const CLOSE_MALFORMED = 1007

/** Holds the connection of a virtual device until the signal aborts, as mender-connect does: again and again, while its client is accepted. */
export async function runConnect(machine: Machine, controls: Controls, signal: AbortSignal): Promise<void> {
  const { server, host, options } = machine
  const disk = new VirtualDisk(machine)
  await disk.boot()
  while (!signal.aborted) {
    const { token } = server
    if (token !== null) await hold({ machine, controls, disk }, token, signal)
    // The only way out of this sleep is the abort that the loop looks for.
    await host.clock.sleep(options.intervals.retryMs, signal).catch(() => undefined)
  }
}

interface Parts {
  machine: Machine
  controls: Controls
  disk: VirtualDisk
}

/** One connection, from its start to its end; that there is none is nothing to tell: the client tells what is wrong. */
async function hold(parts: Parts, token: string, signal: AbortSignal): Promise<void> {
  const { serverUrl, caPem } = parts.machine.options
  const ca = caPem()
  const ws = await import('ws')
  const socket = new ws.WebSocket(`${serverUrl().replace(/^http/, 'ws').replace(/\/+$/, '')}${CONNECT_PATH}`, {
    ...{ headers: { authorization: `Bearer ${token}` }, perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS },
    ...(ca === null ? {} : { ca }),
  })
  const sessions = new Sessions(parts, socket)
  return new Promise((resolve) => {
    const cut = (): void => socket.terminate()
    const silent = setTimeout(cut, SILENCE_MS)
    signal.addEventListener('abort', cut, { once: true })
    socket.on('ping', () => silent.refresh())
    socket.on('message', (data: Buffer) => sessions.receive(data))
    // It is followed by a close.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      clearTimeout(silent)
      signal.removeEventListener('abort', cut)
      sessions.close()
      resolve()
    })
    if (signal.aborted) cut()
  })
}

interface Session {
  shell: VirtualShell | null
  files: FileTransfers
}

/** What goes on over one connection, by session. */
class Sessions {
  readonly #parts: Parts
  readonly #socket: WebSocket
  readonly #sessions = new Map<string, Session>()

  constructor(parts: Parts, socket: WebSocket) {
    this.#parts = parts
    this.#socket = socket
  }

  receive(message: Buffer): void {
    try {
      const frame = readFrame(message)
      if (frame.proto === PROTO.control) this.#control(frame)
      else if (frame.proto === PROTO.shell) this.#shell(frame)
      else if (frame.proto === PROTO.fileTransfer) void this.#session(frame).files.take(frame)
      else if (frame.proto === PROTO.menderClient) this.#command(frame)
      else this.#refuse(frame, `a virtual device has no protocol ${frame.proto}`)
    } catch (thrown) {
      this.#socket.close(CLOSE_MALFORMED, toAppError(thrown).message.slice(0, 100))
    }
  }

  close(): void {
    for (const id of this.#sessions.keys()) this.#drop(id)
  }

  #session({ sessionId }: Frame): Session {
    const known = this.#sessions.get(sessionId)
    if (known) return known
    const files = new FileTransfers(this.#parts.disk, (frame) => this.#send({ ...frame, sessionId }))
    const session = { shell: null, files }
    this.#sessions.set(sessionId, session)
    return session
  }

  #drop(id: string): void {
    const session = this.#sessions.get(id)
    session?.shell?.close()
    session?.files.close()
    this.#sessions.delete(id)
  }

  #control(frame: Frame): void {
    const { type, sessionId } = frame
    if (type === 'ping') void this.#answer(frame, 'pong')
    else if (type === 'close') this.#drop(sessionId)
    else if (type === 'open') {
      const protocols = [PROTO.shell, PROTO.fileTransfer, PROTO.menderClient]
      void this.#answer(frame, 'accept', { body: writeBody({ version: 1, protocols }) })
    }
  }

  #shell(frame: Frame): void {
    const { type, sessionId, body } = frame
    if (type === 'new') return this.#openShell(frame)
    const session = this.#sessions.get(sessionId)
    if (type === 'shell') session?.shell?.type(body)
    else if (type === 'stop') {
      session?.shell?.close()
      if (session) session.shell = null
      void this.#answer(frame, 'stop', { props: { status: STATUS.ok } })
    }
  }

  #openShell(frame: Frame): void {
    const session = this.#session(frame)
    const open = [...this.#sessions.values()].filter(({ shell }) => shell !== null).length
    if (session.shell !== null || open >= MAX_SHELLS) {
      const body = Buffer.from('user has too many open sessions')
      return void this.#answer(frame, 'new', { props: { status: STATUS.error }, body })
    }
    void this.#answer(frame, 'new', { props: { status: STATUS.ok }, body: Buffer.from('Shell started') })
    session.shell = new VirtualShell(
      this.#parts,
      (body) => this.#answer(frame, 'shell', { props: { status: STATUS.ok }, body }),
      () => {
        session.shell = null
        void this.#answer(frame, 'stop', { props: { status: STATUS.ok } })
      },
    )
  }

  #command(frame: Frame): void {
    const { controls } = this.#parts
    if (frame.type === 'check-update') controls.checkUpdate()
    else if (frame.type === 'send-inventory') controls.sendInventory()
    else return this.#refuse(frame, `a virtual device cannot ${frame.type}`)
    void this.#answer(frame, frame.type, { props: { status: STATUS.ok } })
  }

  #refuse(frame: Frame, err: string): void {
    void this.#answer(frame, 'error', { body: writeBody({ err, msgtype: frame.type }) })
  }

  #answer({ proto, sessionId }: Frame, type: string, more: Pick<NewFrame, 'props' | 'body'> = {}): Promise<void> {
    return this.#send({ proto, type, sessionId, ...more })
  }

  /** What cannot be sent has nobody who would miss it: the connection is gone. */
  #send(frame: NewFrame): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(writeFrame(frame), () => resolve())
      else resolve()
    })
  }
}
