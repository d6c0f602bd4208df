import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PROTO } from '../connect/frame.ts'
import { decommissionDevice, setAuthsetStatus } from './device-actions.ts'
import { type DeviceBench, openDeviceBench } from './device.cases.ts'
import { TestSocket, behaveAsDevice } from './connect.cases.ts'
import { openApiCheck } from './openapi.cases.ts'

async function wait(look: () => void): Promise<void> {
  const hasPassed = () => {
    look()
    return true
  }
  await expect.poll(hasPassed).toBe(true)
}

const breachesOf = openApiCheck()

describe('device connect', () => {
  let bench: DeviceBench
  let url = ''
  let device: { id: string; token: string }
  let user = ''
  beforeEach(async () => {
    bench = await openDeviceBench()
    url = await bench.app.listen({ port: 0, host: '127.0.0.1' })
    device = await bench.join('aa')
    user = bench.login.adminSession()
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  const socketUrl = (path: string) => `${url.replace('http', 'ws')}/api/${path}`
  const dial = (token: string | null, headers?: Record<string, string>) =>
    TestSocket.open(socketUrl('devices/v1/deviceconnect/connect'), token, headers)
  const dialUser = (token: string | null, headers?: Record<string, string>, id = device.id) =>
    TestSocket.open(socketUrl(`management/v1/deviceconnect/devices/${id}/connect`), token, headers)
  async function opened(dialled: Promise<TestSocket | number>): Promise<TestSocket> {
    const socket = await dialled
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`)
    return socket
  }
  async function api(method: 'GET' | 'POST' | 'PUT', path: string, form?: FormData): Promise<Response> {
    const answer = await fetch(`${url}/api/management/v1/deviceconnect/devices/${device.id}${path}`, {
      method,
      headers: { authorization: `Bearer ${user}` },
      ...(form ? { body: form } : {}),
    })
    const headers = Object.fromEntries(answer.headers)
    const contentType = (headers['content-type'] ?? '').split(';')[0] ?? ''
    const shown = { status: answer.status, contentType, headers, body: await answer.clone().text() }
    expect(breachesOf(method, `/api/management/v1/deviceconnect/devices/{id}${path.split('?')[0]}`, shown)).toEqual([])
    return answer
  }
  const state = async () => {
    const { status }: { status: string } = JSON.parse(await (await api('GET', '')).text())
    return status
  }

  it('is open to a device with its token, and says so; a new connection takes the place of the old', async () => {
    expect(await state()).toBe('unknown')
    const first = await opened(dial(device.token))
    expect(await state()).toBe('connected')
    const second = await opened(dial(device.token))
    await wait(() => expect(first.closed?.code).toBe(1001))
    expect([await state(), second.closed]).toEqual(['connected', null])
    second.socket.close()
    await wait(() => expect(bench.server.lines.stateOf(device.id).state).not.toBe('connected'))
    bench.clock.now += 5000
    expect(await state()).toBe('disconnected')
  })

  it('is not found by a request that opens no connection', async () => {
    const headers = { authorization: `Bearer ${device.token}` }
    const answer = await fetch(`${url}/api/devices/v1/deviceconnect/connect`, { headers })
    expect(answer.status).toBe(404)
  })

  it('is closed to forged, foreign, expired and missing tokens: 401, so that a client authenticates anew', async () => {
    const [head, body] = device.token.split('.')
    const other = await bench.join('bb')
    for (const token of [null, 'random', `${head}.${body}.`, `${head}.${Buffer.from('{"sub":"x"}').toString('base64url')}.x`, user])
      expect(await dial(token)).toBe(401)
    for (const token of [null, 'random', device.token]) expect(await dialUser(token)).toBe(401)
    decommissionDevice(bench.actions, other.id)
    expect(await dial(other.token)).toBe(401)
    bench.clock.now += 8 * 86_400_000
    expect(await dial(device.token)).toBe(401)
  })

  it('ends when the token behind it does: the key rejected, the device decommissioned, the user logged out', async () => {
    const socket = await opened(dial(device.token))
    const watcher = await opened(dialUser(user))
    bench.login.logout(bench.login.visitor(user))
    await wait(() => expect(watcher.closed?.code).toBe(1008))
    expect(socket.closed).toBeNull()
    const [key] = bench.store.authsets.ofDevice(device.id)
    setAuthsetStatus(bench.actions, { deviceId: device.id, authsetId: key?.id ?? '', status: 'rejected' })
    await wait(() => expect(socket.closed).toEqual({ code: 1008, reason: 'The key of the device is rejected' }))

    const other = await bench.join('bb')
    const second = await opened(dial(other.token))
    decommissionDevice(bench.actions, other.id)
    await wait(() => expect(second.closed?.code).toBe(1008))
  })

  it('takes a cookie only from pages of this server', async () => {
    await opened(dial(device.token))
    const cookie = { cookie: `JWT=${user}` }
    expect(await dialUser(null, { ...cookie, origin: 'https://evil.example' })).toBe(401)
    expect(await dialUser(null, { ...cookie, 'sec-fetch-site': 'cross-site' })).toBe(401)
    await opened(dialUser(null, { ...cookie, origin: url }))
  })

  it('gives each user a session of its own: nobody can speak in another’s, or as another', async () => {
    const socket = await opened(dial(device.token))
    behaveAsDevice(socket, new Map())
    const [one, two] = [await opened(dialUser(user)), await opened(dialUser(user))]
    one.send({ proto: PROTO.shell, type: 'new', sessionId: 'mine', props: { user_id: 'root' } })
    two.send({ proto: PROTO.shell, type: 'new', sessionId: 'mine' })
    await wait(() => expect(socket.frames).toHaveLength(2))
    const [first, second] = socket.frames
    expect(first?.sessionId).not.toBe('mine')
    expect(first?.sessionId).not.toBe(second?.sessionId)
    expect(first?.props['user_id']).not.toBe(second?.props['user_id'])
    one.send({ proto: PROTO.shell, type: 'shell', sessionId: second?.sessionId ?? '', body: Buffer.from('for one') })
    await wait(() => expect(one.frames.at(-1)?.body.toString()).toBe('for one'))
    expect(two.frames.some(({ type }) => type === 'shell')).toBe(false)
  })

  it('stops the shell and closes the session on the device when the user goes', async () => {
    const socket = await opened(dial(device.token))
    behaveAsDevice(socket, new Map())
    const watcher = await opened(dialUser(user))
    watcher.send({ proto: PROTO.control, type: 'open' })
    watcher.send({ proto: PROTO.shell, type: 'new' })
    await wait(() => expect(watcher.frames).toHaveLength(2))
    watcher.socket.terminate()
    await wait(() => expect(socket.frames.map(({ type }) => type)).toEqual(['open', 'new', 'stop', 'close']))
  })

  it('stops a shell also when it has ended by itself: its place on the device is taken until then', async () => {
    const socket = await opened(dial(device.token))
    behaveAsDevice(socket, new Map())
    const watcher = await opened(dialUser(user))
    watcher.send({ proto: PROTO.shell, type: 'new' })
    await wait(() => expect(watcher.frames).toHaveLength(1))
    socket.send({ proto: PROTO.shell, type: 'stop', sessionId: socket.frames[0]?.sessionId ?? '', props: { status: 2 } })
    await wait(() => expect(watcher.frames).toHaveLength(2))
    watcher.socket.close()
    await wait(() => expect(socket.frames.map(({ type }) => type)).toEqual(['new', 'stop']))
  })

  it('tells the user when the device goes, and stops the shell that is left there when it is back', async () => {
    const socket = await opened(dial(device.token))
    behaveAsDevice(socket, new Map())
    const watcher = await opened(dialUser(user))
    watcher.send({ proto: PROTO.shell, type: 'new' })
    await wait(() => expect(watcher.frames).toHaveLength(1))
    socket.socket.terminate()
    await wait(() => expect(watcher.closed).toEqual({ code: 1001, reason: 'The device has disconnected' }))
    const again = await opened(dial(device.token))
    await wait(() => expect(again.frames).toMatchObject([{ proto: PROTO.shell, type: 'stop', sessionId: socket.frames[0]?.sessionId }]))
  })

  it('waits a little for a device that has just gone, as each does in the middle of a deployment, and does then what was asked', async () => {
    const socket = await opened(dial(device.token))
    socket.socket.terminate()
    await wait(() => expect(bench.server.lines.stateOf(device.id).state).not.toBe('connected'))
    const form = new FormData()
    form.set('path', '/tmp/put')
    form.set('file', new File(['put'], 'put'))
    const asked = Promise.all([
      ...[state(), api('GET', '/download?path=/etc/motd').then((answer) => answer.text()), api('PUT', '/upload', form)],
      ...[api('POST', '/check-update'), dialUser(user)],
    ])
    const files = new Map([['/etc/motd', Buffer.from('hello')]])
    behaveAsDevice(await opened(dial(device.token)), files)
    expect(await asked).toEqual(['connected', 'hello', expect.objectContaining({ status: 201 }), expect.anything(), expect.any(TestSocket)])
    expect(files.get('/tmp/put')?.toString()).toBe('put')
  })

  it('lets nobody in who was logged out while the device was waited for', async () => {
    const socket = await opened(dial(device.token))
    socket.socket.terminate()
    await wait(() => expect(bench.server.lines.stateOf(device.id).state).not.toBe('connected'))
    const asked = dialUser(user)
    await wait(() => expect(bench.login.sessions()).toMatchObject([{ lastUsedAt: bench.clock.now }]))
    bench.login.logout(bench.login.visitor(user))
    await opened(dial(device.token))
    expect(await asked).toBe(401)
  })

  it('cuts what is pasted to what a device takes, 8 KiB (trap 11), and refuses what cannot be cut', async () => {
    const socket = await opened(dial(device.token))
    const sizes: number[] = []
    socket.socket.on('message', (data: Buffer) => sizes.push(data.length))
    const watcher = await opened(dialUser(user))
    const text = randomBytes(100_000)
    watcher.send({ proto: PROTO.shell, type: 'shell', body: text })
    await wait(() => expect(Buffer.concat(socket.frames.map(({ body }) => Buffer.from(body)))).toEqual(text))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8192)
    watcher.send({ proto: PROTO.fileTransfer, type: 'file_chunk', body: text })
    await wait(() => expect(watcher.closed?.reason).toContain('8192'))
    expect(socket.closed).toBeNull()
  })

  it('ends the connection of who sends no frames, text or too much, and of nobody else', async () => {
    const bystander = await opened(dial((await bench.join('bb')).token))
    const junk: [Buffer | string, number][] = [
      [Buffer.from('junk'), 1007],
      [Buffer.from('81a3686472dfffffffff', 'hex'), 1007],
      [Buffer.alloc(100_000), 1009],
      [Buffer.alloc(2 << 20), 1009],
      ['text', 1008],
    ]
    for (const [message, code] of junk) {
      const bad = await opened(dial(device.token))
      bad.socket.send(message)
      await wait(() => expect(bad.closed?.code).toBe(code))
    }
    await opened(dial(device.token))
    for (const message of ['text', Buffer.from('junk')]) {
      const bad = await opened(dialUser(user))
      bad.socket.send(message)
      await wait(() => expect(bad.closed).not.toBeNull())
    }
    expect(bystander.closed).toBeNull()
  })

  it('drops what a device sends to sessions that it does not have', async () => {
    const [socket, other] = [await opened(dial(device.token)), await bench.join('bb')]
    const intruder = await opened(dial(other.token))
    behaveAsDevice(socket, new Map())
    const watcher = await opened(dialUser(user))
    watcher.send({ proto: PROTO.shell, type: 'new' })
    await wait(() => expect(watcher.frames).toHaveLength(1))
    const sessionId = watcher.frames[0]?.sessionId ?? ''
    intruder.send({ proto: PROTO.shell, type: 'shell', sessionId, body: Buffer.from('not from the device') })
    watcher.send({ proto: PROTO.shell, type: 'shell', body: Buffer.from('echo') })
    await wait(() => expect(watcher.frames.map(({ body }) => body.toString())).toEqual(['Shell started', 'echo']))
  })

  it('reads and writes files of a device over http, the fields of an upload in any order (trap 21)', async () => {
    const files = new Map([['/etc/motd', randomBytes(100_000)]])
    behaveAsDevice(await opened(dial(device.token)), files)
    const got = await api('GET', '/download?path=/etc/motd')
    expect(
      Object.fromEntries(
        ['content-type', 'x-men-file-path', 'x-men-file-mode', 'x-men-file-size', 'x-men-file-uid', 'x-men-file-gid'].map((name) => [
          name,
          got.headers.get(name),
        ]),
      ),
    ).toEqual({
      'content-type': 'application/octet-stream',
      'x-men-file-path': '/etc/motd',
      'x-men-file-mode': '644',
      'x-men-file-size': '100000',
      'x-men-file-uid': '1',
      'x-men-file-gid': '2',
    })
    expect(Buffer.from(await got.arrayBuffer())).toEqual(files.get('/etc/motd'))
    const bytes = randomBytes(300_000)
    for (const order of [
      ['path', 'file', 'mode'],
      ['file', 'mode', 'path'],
      ['mode', 'path', 'file'],
    ]) {
      const form = new FormData()
      const fields: Record<string, string | File> = { path: '/tmp/put', mode: '100644', file: new File([bytes], 'put') }
      for (const name of order) form.set(name, fields[name] ?? '')
      files.delete('/tmp/put')
      expect((await api('PUT', '/upload', form)).status).toBe(201)
      expect(files.get('/tmp/put')).toEqual(bytes)
    }
  })

  it('ends its session on the device when who wanted a file leaves before it comes', async () => {
    const socket = await opened(dial(device.token))
    behaveAsDevice(socket, new Map([['/f', Buffer.from('x')]]))
    const asDevice = socket.onFrame
    socket.onFrame = (frame) => void (frame.type !== 'stat' && asDevice(frame))
    const connectionCount = () => new Promise((resolve) => bench.app.server.getConnections((_, count) => resolve(count)))
    const leaving = new AbortController()
    const path = `${url}/api/management/v1/deviceconnect/devices/${device.id}/download?path=/f`
    const asked = fetch(path, { headers: { authorization: `Bearer ${user}` }, signal: leaving.signal }).catch(() => null)
    await wait(() => expect(socket.frames.map(({ type }) => type)).toEqual(['open', 'stat']))
    leaving.abort()
    await asked
    await expect.poll(connectionCount).toBe(1)
    for (const frame of socket.frames.filter(({ type }) => type === 'stat')) asDevice(frame)
    await wait(() => expect(socket.frames.at(-1)?.type).toBe('close'))
  })

  it('refuses paths that lead elsewhere than they say', async () => {
    behaveAsDevice(await opened(dial(device.token)), new Map())
    for (const path of ['', 'relative', '../up', '/nul%00', `/${'x'.repeat(5000)}`])
      expect((await api('GET', `/download?path=${path}`)).status).toBe(400)
    expect((await api('GET', '/download?path=/absent')).status).toBe(404)
    const form = new FormData()
    form.set('path', 'relative')
    form.set('file', new File(['x'], '../../etc/passwd'))
    expect((await api('PUT', '/upload', form)).status).toBe(400)
  })

  it('answers 409 while nobody is there, and passes on what the device says when it cannot', async () => {
    for (const command of ['check-update', 'send-inventory']) expect((await api('POST', `/${command}`)).status).toBe(409)
    expect((await api('GET', '/download?path=/etc/motd')).status).toBe(409)
    expect(await dialUser(user)).toBe(404)
    expect(await dialUser(user, {}, 'nobody')).toBe(404)
    behaveAsDevice(await opened(dial(device.token)), new Map())
    const answer = await api('POST', '/check-update')
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining('exit status 1')])
  })

  it('answers the device’s pings in a session that this server holds (trap 12)', async () => {
    const socket = await opened(dial(device.token))
    behaveAsDevice(socket, new Map([['/f', Buffer.from('x')]]))
    const asDevice = socket.onFrame
    socket.onFrame = (frame) => {
      if (frame.type === 'stat') socket.send({ proto: PROTO.control, type: 'ping', sessionId: frame.sessionId })
      if (frame.type === 'pong' || frame.type !== 'stat') asDevice(frame)
      if (frame.type === 'pong')
        asDevice({
          ...frame,
          proto: PROTO.fileTransfer,
          type: 'stat',
          body: socket.frames.find(({ type }) => type === 'stat')?.body ?? frame.body,
        })
    }
    expect(await (await api('GET', '/download?path=/f')).text()).toBe('x')
    expect(socket.frames.map(({ type }) => type)).toContain('pong')
  })

  it('does not let a user who reads nothing fill memory: the device waits', async () => {
    const socket = await opened(dial(device.token))
    behaveAsDevice(socket, new Map())
    const watcher = await opened(dialUser(user))
    watcher.send({ proto: PROTO.shell, type: 'new' })
    await wait(() => expect(watcher.frames).toHaveLength(1))
    watcher.socket.pause()
    const before = process.memoryUsage().arrayBuffers
    const sessionId = watcher.frames[0]?.sessionId ?? ''
    const piece = Buffer.alloc(32 * 1024)
    for (let count = 0; count < 2000; count += 1) socket.send({ proto: PROTO.shell, type: 'shell', sessionId, body: piece })
    // What is not read stays with the sender: nearly all of the 64 MB.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(socket.socket.bufferedAmount).toBeGreaterThan(40 << 20)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 << 20)
    watcher.socket.resume()
    await wait(() => expect(watcher.frames).toHaveLength(2001))
  })
})
