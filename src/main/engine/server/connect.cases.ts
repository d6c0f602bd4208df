import { WebSocket } from 'ws'
import { until } from '../../cli/live.ts'
import { type Frame, PROTO, readFrame, writeBody, writeFrame } from '../connect/frame.ts'
import type { TestEngine } from '../engine.cases.ts'
import { authBody, makeDevice } from './device.cases.ts'

/** One end of a WebSocket in a test: what came, and how it was closed. */
export class TestSocket {
  readonly socket: WebSocket
  readonly frames: Frame[] = []
  closed: { code: number; reason: string } | null = null
  onFrame: (frame: Frame) => void = () => undefined

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => {
      const frame = readFrame(data)
      this.frames.push(frame)
      this.onFrame(frame)
    })
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }))
  }

  /** Opens one; answers the HTTP status when the server does not take it. */
  static open(url: string, token: string | null, headers: Record<string, string> = {}): Promise<TestSocket | number> {
    const sent = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers }
    const socket = new WebSocket(url, { headers: sent, perMessageDeflate: false })
    const test = new TestSocket(socket)
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(test))
      socket.once('unexpected-response', (request, response) => {
        resolve(response.statusCode ?? 0)
        request.destroy()
      })
      socket.once('error', reject)
    })
  }

  send(frame: { proto: number; type: string; sessionId?: string; props?: Record<string, string | number>; body?: Uint8Array }): void {
    this.socket.send(writeFrame({ sessionId: '', ...frame }))
  }
}

/** The one device of an engine that accepts all, with its connection. */
export async function connectDevice({ url, client }: TestEngine): Promise<{ socket: TestSocket; id: string }> {
  const device = makeDevice('aa')
  const body = authBody(device)
  const headers = { 'content-type': 'application/json', 'x-men-signature': device.sign(body) }
  const token = await (await fetch(`${url}/api/devices/v1/authentication/auth_requests`, { method: 'POST', headers, body })).text()
  const socket = await TestSocket.open(`${url.replace('http', 'ws')}/api/devices/v1/deviceconnect/connect`, token)
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`)
  const [found] = await until(client.devices.list(), ([first]) => first?.connection.state === 'connected')
  return { socket, id: found?.id ?? '' }
}

/** Makes a socket behave as a device that has files, and a shell that says what it is told. */
export function behaveAsDevice(device: TestSocket, files: Map<string, Buffer>): void {
  const puts = new Map<string, { path: string; chunks: Buffer[] }>()
  device.onFrame = ({ proto, type, sessionId, props, body }) => {
    const answer = (name: string, more: { props?: Record<string, string | number>; body?: Uint8Array } = {}) =>
      device.send({ proto, type: name, sessionId, ...more })
    const refuse = (err: string) => answer('error', { body: writeBody({ err }) })
    const handlers: Record<string, () => void> = {
      [`${PROTO.control} open`]: () => answer('accept', { body: writeBody({ version: 1, protocols: [1, 2, 3, 4] }) }),
      [`${PROTO.shell} new`]: () => answer('new', { props: { status: 1 }, body: Buffer.from('Shell started') }),
      [`${PROTO.shell} shell`]: () => answer('shell', { body }),
      [`${PROTO.shell} stop`]: () => answer('stop', { props: { status: 1 } }),
      [`${PROTO.menderClient} check-update`]: () => answer('check-update', { props: { status: 2 }, body: Buffer.from('exit status 1') }),
      [`${PROTO.fileTransfer} stat`]: () => {
        const file = files.get(pathOf(body))
        if (file) answer('file_info', { body: writeBody({ path: pathOf(body), size: file.length, mode: 0o644, uid: 1, gid: 2 }) })
        else refuse('stat: no such file or directory')
      },
      [`${PROTO.fileTransfer} get_file`]: () => {
        const file = files.get(pathOf(body)) ?? Buffer.alloc(0)
        for (let at = 0; at < file.length; at += 4096) answer('file_chunk', { props: { offset: at }, body: file.subarray(at, at + 4096) })
        answer('file_chunk', { props: { offset: file.length }, body: Buffer.alloc(0) })
      },
      [`${PROTO.fileTransfer} put_file`]: () => {
        puts.set(sessionId, { path: pathOf(body), chunks: [] })
        answer('ack', { props: { offset: 0 } })
      },
      [`${PROTO.fileTransfer} file_chunk`]: () => {
        const put = puts.get(sessionId)
        if (body.length > 0) put?.chunks.push(Buffer.from(body))
        else if (put) files.set(put.path, Buffer.concat(put.chunks))
        answer('ack', { props: { offset: Number(props['offset']) } })
      },
    }
    handlers[`${proto} ${type}`]?.()
  }
  // The first frames may have come with the answer that opened it.
  for (const frame of device.frames) device.onFrame(frame)
}

function pathOf(body: Uint8Array): string {
  const text = Buffer.from(body).toString('latin1')
  const at = text.indexOf('path') + 4
  const tag = body[at] ?? 0
  return tag < 0xc0 ? text.slice(at + 1, at + 1 + (tag & 0x1f)) : text.slice(at + 2, at + 2 + (body[at + 1] ?? 0))
}
