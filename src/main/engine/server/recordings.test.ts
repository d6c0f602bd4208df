import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLine } from '../../cli/command.cases.ts'
import { sessionsCommand } from '../../cli/commands/sessions.ts'
import { now, until } from '../../cli/live.ts'
import { readCast } from '../../contract/asciicast.ts'
import type { Device } from '../../contract/devices.ts'
import type { Recording } from '../../contract/recordings.ts'
import { PROTO } from '../connect/frame.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { openStore } from '../store/open.ts'
import { TestSocket } from './connect.cases.ts'
import { recordingsInMemory } from './recordings.cases.ts'

describe('a terminal on a device', () => {
  let bench: TestEngine
  let device: Device
  beforeAll(async () => {
    bench = await openTestEngine()
    device = await bench.addDevice('02:00:00:00:00:01', {}, { hasConnect: true })
    await until(bench.client.devices.list(), ([each]) => each?.connection.state === 'connected')
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  const sessions = (...args: string[]) => runLine(args, { command: sessionsCommand, client: bench.client, cwd: bench.folder })

  /** Types lines into a terminal of this machine, the last of which ends it. */
  async function work(...lines: string[]): Promise<void> {
    for await (const event of await bench.client.remote.terminal({ deviceId: device.id, columns: 90, rows: 30 })) {
      if (event.kind !== 'opened') continue
      await bench.client.remote.resize({ terminalId: event.terminalId, columns: 100, rows: 40 })
      for (const line of lines) {
        const data = Buffer.from(`${line}\n`).toString('base64')
        await bench.client.remote.type({ terminalId: event.terminalId, data })
      }
    }
  }

  it('is recorded as asciinema plays it, found by the audit log, printed and saved by the command line, and removed', async () => {
    await work('echo “what was shown”', 'exit')
    const [recording] = await until(bench.client.recordings.list(), ([each]) => each !== undefined && !each.isRunning)
    const id = recording?.id ?? ''
    expect(recording).toMatchObject({ deviceName: device.name, actor: 'this machine', isCut: false, endedAt: expect.any(Number) })
    const [, noted] = await now(bench.client.audit.list({ limit: 10, text: 'terminal' }))
    expect(noted).toMatchObject({ action: 'remote.terminal' })
    const [record] = await now(bench.client.audit.list({ limit: 10, text: 'terminal.record' }))
    expect(record?.detail).toContain(id)

    const { cast } = await bench.client.recordings.read({ id })
    expect(readCast(cast)).toMatchObject({ columns: 90, rows: 30 })
    expect(readCast(cast).events).toContainEqual({ atMs: expect.any(Number), kind: 'resize', text: '100x40' })
    const file = join(bench.folder, 'session.cast')
    expect((await sessions('export', id, '-o', file)).stdout).toContain('session.cast')
    // it plays on a terminal only
    const words = ['-qec', `asciinema cat ${file}`, '/dev/null']
    const { stdout } = await promisify(execFile)('script', words, { env: { ...process.env, LC_ALL: 'C.UTF-8', HOME: bench.folder } })
    expect(stdout).toMatch(/\n“what was shown”\r+\n/)
    expect((await sessions('print', id)).stdout).toContain('\r\n“what was shown”\r\n')
    expect((await sessions('list')).stdout).toMatch(new RegExp(`^ID +STARTED +DEVICE .*\\n${id} .* this machine `))

    expect((await sessions('remove', id)).exitCode).toBe(0)
    expect((await sessions('print', id)).exitCode).toBe(3)
    expect(await now(bench.client.recordings.list())).toEqual([])
  })

  it('of mender-cli is recorded too, and is played back over a WebSocket, but not to a token that may only read', async () => {
    const token = await bench.token()
    const socketUrl = (path: string) => `${bench.url.replace('http', 'ws')}/api/management/v1/deviceconnect/${path}`
    const user = await TestSocket.open(socketUrl(`devices/${device.id}/connect`), token)
    if (typeof user === 'number') throw new Error(`refused with ${user}`)
    user.send({ proto: PROTO.shell, type: 'new', props: { terminal_width: 70, terminal_height: 20 } })
    user.send({ proto: PROTO.shell, type: 'shell', body: Buffer.from('echo over-the-relay\nexit\n') })
    const isOver = ({ actor, isRunning }: Recording) => actor === 'admin' && !isRunning
    const recording = (await until(bench.client.recordings.list(), (all) => all.some(isOver))).find(isOver)
    user.socket.close()

    const playback = await TestSocket.open(socketUrl(`sessions/${recording?.id}/playback?sleep_ms=0`), token)
    if (typeof playback === 'number') throw new Error(`refused with ${playback}`)
    await expect.poll(() => playback.closed?.code).toBe(1000)
    expect(playback.frames.every(({ proto }) => proto === PROTO.shell)).toBe(true)
    expect(Buffer.concat(playback.frames.map(({ body }) => body)).toString()).toContain('over-the-relay')
    expect(await TestSocket.open(socketUrl('sessions/none/playback'), token)).toBe(404)
    const { token: passing } = await bench.client.tokens.create({ name: 'passing' })
    const slow = await TestSocket.open(socketUrl(`sessions/${recording?.id}/playback?sleep_ms=10000`), passing)
    if (typeof slow === 'number') throw new Error(`refused with ${slow}`)
    const given = (await now(bench.client.tokens.list())).find(({ name }) => name === 'passing')
    await bench.client.tokens.revoke({ id: given?.id ?? '' })
    await expect.poll(() => slow.closed?.code).toBe(1008)
    const { token: reader } = await bench.client.tokens.create({ name: 'reader', scopes: ['*:read'] })
    expect(await TestSocket.open(socketUrl(`sessions/${recording?.id}/playback`), reader)).toBe(403)
  })

  it('is not recorded when that is switched off', async () => {
    const before = (await now(bench.client.recordings.list())).length
    await bench.client.recordings.setOn({ isOn: false })
    await work('exit')
    expect(await now(bench.client.recordings.list())).toHaveLength(before)
    expect(await now(bench.client.recordings.isOn())).toBe(false)
  })
})

it('a recording has 8 MiB at most, whatever letters the terminal shows', async () => {
  const store = openStore(':memory:')
  const recordings = recordingsInMemory(store)
  const recording = recordings.begin({ deviceId: 'd', actor: 'ann', token: '', address: '', columns: 80, rows: 24 })
  for (let count = 0; count < 40; count += 1) recording?.output(Buffer.from('█'.repeat(100_000)))
  await recording?.end()
  const [kept] = recordings.list()
  expect(kept?.isCut).toBe(true)
  expect(kept?.sizeBytes).toBeGreaterThan(7 << 20)
  expect(kept?.sizeBytes).toBeLessThanOrEqual(8 << 20)
  store.close()
})
