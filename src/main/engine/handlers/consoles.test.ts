import { writeFileSync, readFileSync } from 'node:fs'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import type { BoardConsole } from '../../contract/consoles.ts'
import { toAppError } from '../../contract/errors.ts'
import { BAUD_RATES } from '../../contract/serial.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { DebianBoard } from '../provision/debian-board.cases.ts'
import { BenchLine, kernelNoise } from '../provision/serial/bench-line.cases.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Reads a console from its beginning until a text is on it; answers what it shows. */
async function seen(id: string, text: string): Promise<string> {
  let shown = ''
  for await (const event of await bench.client.consoles.attach({ id })) {
    if (event.kind === 'output') shown += Buffer.from(event.data, 'base64').toString()
    if (shown.includes(text)) return shown
  }
  throw new Error(`it was closed, and showed ${shown}`)
}

const type = (id: string, text: string) => bench.client.consoles.type({ id, data: base64(text) })
const consoleOf = async (id: string) => (await now(bench.client.consoles.list())).find((each) => each.id === id)
const when = (id: string, fits: (each: BoardConsole) => boolean) =>
  until(bench.client.consoles.list(), (all) => all.some((each) => each.id === id && fits(each)))

async function jobEnd(jobId: string) {
  const jobs = await until(bench.client.jobs.list(), (all) => all.some(({ id, state }) => id === jobId && state !== 'running'))
  return jobs.find(({ id }) => id === jobId)
}

describe('a serial console', () => {
  it('shows what the board prints to all who look, also to who comes later, and logs it with times', async () => {
    await using line = await BenchLine.start({ program: 'dash -i' })
    const { consoles } = bench.client
    const { id } = await consoles.openSerial({ path: line.path })
    expect(await consoles.openSerial({ path: line.path })).toEqual({ id })
    await type(id, 'echo typed-$((40+2))\r')
    expect(await seen(id, 'typed-42')).toContain('echo typed-')
    expect(await seen(id, 'typed-42')).toContain('typed-42')
    expect(await consoleOf(id)).toMatchObject({ kind: 'serial', place: line.path, state: 'open', settings: { baudRate: 115_200 } })
    const { files } = await consoles.logs({})
    await consoles.close({ id })
    expect(readFileSync(files[0]?.path ?? '', 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (?:[#$] )?typed-42$/m)
    expect(await type(id, 'x').catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is opened from afar on a serial port alone, and on no other terminal of this machine', async () => {
    await using line = await BenchLine.start({ program: 'dash -i' })
    const answer = await fetch(`${bench.url}/api/bench/v1/rpc/consoles/openSerial`, {
      ...{ method: 'POST', body: JSON.stringify({ json: { path: line.path } }) },
      headers: { authorization: `Bearer ${await bench.token()}`, 'content-type': 'application/json' },
    })
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('There is no serial port')])
  })

  it('is held open while the port is pulled, and goes on when it is back', async () => {
    const { consoles } = bench.client
    await using line = await BenchLine.start({ program: 'dash -i' })
    const { id } = await consoles.openSerial({ path: line.path })
    await type(id, 'echo before-$((1+1))\r')
    await seen(id, 'before-2')
    line.unplug()
    await when(id, ({ state }) => state === 'away')
    expect(await consoleOf(id)).toMatchObject({ why: { code: 'DEVICE_UNREACHABLE' } })
    expect(await type(id, 'x').catch(toAppError)).toMatchObject({ code: 'CONFLICT' })
    await line.plugAgain()
    await when(id, ({ state }) => state === 'open')
    await type(id, 'echo after-$((1+2))\r')
    expect(await seen(id, 'after-3')).toMatch(/before-2[^]*went away[^]*is back[^]*after-3/)
    await consoles.close({ id })
  })

  it('takes a file over the shell that is logged in, while the kernel breaks in, and checks it', async () => {
    const { consoles } = bench.client
    await using line = await BenchLine.start({ program: 'dash -i', noise: kernelNoise(5) })
    const [from, to] = [join(bench.folder, 'sent.bin'), join(bench.folder, 'arrived.bin')]
    writeFileSync(from, randomBytes(20_000))
    const { id } = await consoles.openSerial({ path: line.path })
    const { jobId } = await consoles.sendFile({ id, from, to })
    expect(await type(id, 'x').catch(toAppError)).toMatchObject({ code: 'CONFLICT' })
    expect(await jobEnd(jobId)).toMatchObject({ state: 'done', failure: null })
    expect(readFileSync(to)).toEqual(readFileSync(from))
    const shown = await seen(id, 'has arrived')
    expect(shown).not.toContain('OTB:')
    line.hush()
    await type(id, 'echo again-$((1+3))\r')
    await seen(id, 'again-4')
    await consoles.close({ id })
  })

  it('finds its rate, takes other settings, and tells what a break needs', async () => {
    const { consoles } = bench.client
    await using line = await BenchLine.start({ program: 'dash -i' })
    const { id } = await consoles.openSerial({ path: line.path, settings: { baudRate: 1200 } })
    // A pty has every rate: the first at which the shell is quick enough makes sense.
    expect(await jobEnd((await consoles.findBaudRate({ id })).jobId)).toMatchObject({ state: 'done' })
    const found = await consoleOf(id)
    expect(BAUD_RATES).toContain(found?.settings?.baudRate)
    expect(found).toMatchObject({ jobId: null })
    await consoles.setLine({ id, settings: { baudRate: 57_600, dataBits: 8, stopBits: 2, parity: 'none', flow: 'software' } })
    expect(await consoleOf(id)).toMatchObject({ state: 'open', settings: { baudRate: 57_600, stopBits: 2, flow: 'software' } })
    await type(id, 'echo still-$((1+4))\r')
    await seen(id, 'still-5')
    expect(await consoles.sendBreak({ id }).catch(toAppError)).toMatchObject({ code: 'TOOL_MISSING', hint: 'Not every adapter can.' })
    await consoles.close({ id })
  })

  it('says what is wrong with a port', async () => {
    const { consoles } = bench.client
    expect(await consoles.openSerial({ path: '/dev/ttyNONE7' }).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
    await using line = await BenchLine.start({ program: 'dash -i' })
    await using holder = await line.heldByAnother()
    expect(await consoles.openSerial({ path: line.path }).catch(toAppError)).toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`(${holder.pid})`),
    })
    expect(await now(consoles.list())).toEqual([])
  })

  it("keeps its log with the device that it is joined to, remembers whose it is, and fills the device's card and timeline", async () => {
    const { consoles, devices } = bench.client
    const device = await bench.addDevice('02:00:00:00:00:c1')
    await using line = await BenchLine.start({ program: 'dash -i' })
    const { id } = await consoles.openSerial({ path: line.path })
    await consoles.join({ id, deviceId: device.id })
    await type(id, 'echo joined-$((1+5))\r')
    await seen(id, 'joined-6')
    const { files } = await consoles.logs({ deviceId: device.id })
    expect(files).toHaveLength(1)
    // What is typed may be there before the shell: its prompt then stands before its answer.
    const isAnswer = ({ text }: { text: string }) => /^(?:[#$] )?joined-6$/.test(text)
    const { entries } = await until(devices.timeline({ id: device.id }), (value) => value.entries.some(isAnswer))
    expect(entries.find(isAnswer)).toMatchObject({ lane: 'serial', deviceId: device.id })
    await consoles.close({ id })
    const again = await consoles.openSerial({ path: line.path })
    expect(await consoleOf(again.id)).toMatchObject({ deviceId: device.id })
    await consoles.close(again)
    expect(await consoles.join({ id, deviceId: 'nobody' }).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
  })
})

it('what is typed to a virtual board may come in pieces of 64 KiB', async () => {
  const data = Buffer.alloc(64 << 10).toString('base64')
  expect(await bench.client.boards.type({ name: 'nobody', data }).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
})

describe('a console over SSH', () => {
  it('is a shell of its own size that takes files, tells when it ends, and refuses a changed host key with both fingerprints', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root makes boards in namespaces: no shell was opened')
    const { consoles } = bench.client
    await using board = await DebianBoard.start()
    const hop = { host: '127.0.0.1', port: board.port, user: 'pi', password: 'raspberry' }
    const open = (more = {}) => consoles.openSsh({ hops: [{ ...hop, ...more }], columns: 91, rows: 17 })
    expect(await open({ password: 'wrong' }).catch(toAppError)).toMatchObject({ code: 'LOGIN_REFUSED' })
    const { id } = await open()
    await type(id, 'stty size; echo typed-$((40+2))\r')
    expect(await seen(id, 'typed-42')).toContain('17 91')
    await consoles.resize({ id, columns: 120, rows: 30 })
    await type(id, 'stty size; echo sized-$((40+3))\r')
    expect(await seen(id, 'sized-43')).toContain('30 120')
    const from = join(bench.folder, 'large.bin')
    writeFileSync(from, randomBytes(3_000_000))
    expect(await jobEnd((await consoles.sendFile({ id, from, to: '/tmp/' })).jobId)).toMatchObject({ state: 'done' })
    expect(board.run('sha256sum < /tmp/large.bin')).toContain(createHash('sha256').update(readFileSync(from)).digest('hex'))
    expect(await jobEnd((await consoles.sendFile({ id, from, to: '/root/no' })).jobId)).toMatchObject({ failure: { code: 'PERMISSION' } })
    expect(await consoles.sendBreak({ id }).catch(toAppError)).toMatchObject({ code: 'TOOL_MISSING' })
    await type(id, 'exit\r')
    await when(id, ({ state, why }) => state === 'ended' && why === null)
    await consoles.close({ id })
    const before = (await now(bench.client.provision.hosts()))[0]?.fingerprint ?? 'none'
    await board.changeHostKey()
    const refused = await open().catch(toAppError)
    expect(refused).toMatchObject({ code: 'HOST_KEY_CHANGED', message: expect.stringContaining(before) })
    expect(refused).toMatchObject({ message: expect.stringMatching(/SHA256:[^]*SHA256:/) })
  })

  it('lasts while its connection takes new keys', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root makes boards in namespaces: no shell was opened')
    const { consoles } = bench.client
    await using board = await DebianBoard.start({ rekeyLimit: '64K' })
    const hops = [{ host: '127.0.0.1', port: board.port, user: 'pi', password: 'raspberry' }]
    const { id } = await consoles.openSsh({ hops, columns: 80, rows: 24 })
    for (const count of [1, 2, 3]) {
      await type(id, `seq 30000; echo round-$((40+${count}))\r`)
      await seen(id, `round-4${count}`)
    }
    expect(await consoleOf(id)).toMatchObject({ state: 'open' })
    await consoles.close({ id })
  })
})
