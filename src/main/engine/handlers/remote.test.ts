import { randomBytes } from 'node:crypto'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import { PROTO } from '../connect/frame.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { type TestSocket, behaveAsDevice, connectDevice } from '../server/connect.cases.ts'

describe('work on a device that is connected', () => {
  let bench: TestEngine
  let socket: TestSocket
  let deviceId = ''
  const files = new Map<string, Buffer>()
  beforeEach(async () => {
    bench = await openTestEngine({ acceptMode: 'all' })
    const device = await connectDevice(bench)
    socket = device.socket
    deviceId = device.id
    behaveAsDevice(socket, files)
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  const ended = async ({ jobId }: { jobId: string }) => {
    const jobs = await until(bench.client.jobs.list(), (all) => all.some(({ id, state }) => id === jobId && state !== 'running'))
    return jobs.find(({ id }) => id === jobId)
  }

  it('is a terminal that answers what is typed, and a shell that is stopped when nobody looks any more', async () => {
    const abort = new AbortController()
    const seen: string[] = []
    for await (const event of await bench.client.remote.terminal({ deviceId, columns: 80, rows: 24 }, { signal: abort.signal })) {
      if (event.kind === 'opened') {
        await bench.client.remote.resize({ terminalId: event.terminalId, columns: 100, rows: 30 })
        await bench.client.remote.type({ terminalId: event.terminalId, data: Buffer.from('uname').toString('base64') })
      } else if (event.kind === 'output') {
        seen.push(Buffer.from(event.data, 'base64').toString())
        break
      }
    }
    abort.abort()
    expect(seen).toEqual(['uname'])
    await expect.poll(() => socket.frames.some(({ type }) => type === 'stop')).toBe(true)
    expect(socket.frames.filter(({ proto }) => proto === PROTO.shell).map(({ type }) => type)).toEqual(['new', 'resize', 'shell', 'stop'])
    expect(socket.frames[0]?.props).toMatchObject({ terminal_width: 80, terminal_height: 24 })
  })

  it('moves files whole, with their mode, and leaves nothing of one that fails', async () => {
    const bytes = randomBytes(200_000)
    files.set('/there', bytes)
    const to = join(bench.folder, 'here')
    expect(await ended(await bench.client.remote.getFile({ deviceId, path: '/there', to }))).toMatchObject({ state: 'done' })
    expect(await readFile(to)).toEqual(bytes)
    expect((await stat(to)).mode & 0o777).toBe(0o644)
    const from = join(bench.folder, 'from')
    await writeFile(from, bytes.subarray(0, 5000))
    expect(await ended(await bench.client.remote.putFile({ deviceId, from, path: '/put' }))).toMatchObject({ state: 'done' })
    expect(files.get('/put')).toEqual(bytes.subarray(0, 5000))
    const before = await readdir(bench.folder)
    const failed = await ended(await bench.client.remote.getFile({ deviceId, path: '/absent', to: join(bench.folder, 'none') }))
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'NOT_FOUND' } })
    expect(await readdir(bench.folder)).toEqual(before)
  })

  it('says in the device’s own words when it cannot poll, and in ours when it is not there', async () => {
    const refused = await bench.client.remote.pollNow({ deviceId }).catch(toAppError)
    expect(refused).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('exit status 1') })
    socket.socket.terminate()
    await until(bench.client.devices.list(), ([first]) => first?.id === deviceId && first.connection.state !== 'connected')
    const absent = await bench.client.remote.pollNow({ deviceId }).catch(toAppError)
    expect(absent).toMatchObject({ code: 'DEVICE_UNREACHABLE', hint: expect.stringContaining('mender-connect') })
  })

  it('is noted once a terminal, not once a key', async () => {
    for await (const event of await bench.client.remote.terminal({ deviceId, columns: 80, rows: 24 })) {
      if (event.kind !== 'opened') break
      for (const letter of 'secret')
        await bench.client.remote.type({ terminalId: event.terminalId, data: Buffer.from(letter).toString('base64') })
      break
    }
    const noted = await until(bench.client.audit.list({ limit: 100 }), () => true)
    expect(JSON.stringify(noted)).toContain('remote.terminal')
    expect(JSON.stringify(noted)).not.toContain('remote.type')
  })
})
