import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineProcess, type PagePort } from './engine-process.ts'

/** A page's port: what was posted to it, and whether it was closed. */
class FakePort extends EventEmitter implements PagePort {
  readonly posted: unknown[] = []
  isClosed = false
  postMessage(data: unknown): void {
    this.posted.push(data)
    this.emit('posted')
  }
  start(): void {}
  close(): void {
    this.isClosed = true
    this.emit('close')
  }
}

const ECHO = `
process.on('message', (message) => {
  if (message.kind === 'stop') process.exit(0)
  if (message.kind === 'data' && message.data === 'die') process.kill(process.pid, 'SIGKILL')
  if (message.kind === 'data') process.send({ kind: 'data', port: message.port, data: 'echo ' + message.data })
  if (message.kind === 'open') process.send({ kind: 'data', port: message.port, data: 'hello' })
})
process.send({ kind: 'ready' })
`
const INTRODUCED = `
let heard = 'nothing'
process.on('message', (message) => {
  if (message.kind === 'stop') process.exit(0)
  if (message.kind === 'keychain') heard = message.name
  if (message.kind === 'open') process.send({ kind: 'data', port: message.port, data: heard })
})
process.send({ kind: 'ready' })
`
const TELLS_PRIORITY = `
import { getPriority } from 'node:os'
process.on('message', (message) => {
  if (message.kind === 'stop') process.exit(0)
  if (message.kind === 'open') process.send({ kind: 'data', port: message.port, data: getPriority() })
})
process.send({ kind: 'ready' })
`
const REFUSE = `
process.send({ kind: 'failed', failure: { code: 'PORT_IN_USE', message: 'Port 8080 is taken', hint: 'Choose another.' } })
process.exitCode = 1
process.disconnect()
`

let folder = ''
const engines: EngineProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-engine-'))
})

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()))
  await rm(folder, { recursive: true, force: true })
})

async function engineOf(program: string, nodes = ['/nowhere/node', process.execPath]): Promise<EngineProcess> {
  const file = join(folder, 'engine.mjs')
  await writeFile(file, program)
  const engine = new EngineProcess({ nodes, file, args: [] })
  engines.push(engine)
  engine.start()
  return engine
}

async function becomes(engine: EngineProcess, state: string): Promise<void> {
  await expect.poll(() => engine.state.state).toBe(state)
}

async function openPort(engine: EngineProcess): Promise<FakePort> {
  const port = new FakePort()
  const greeted = once(port, 'posted')
  engine.open(port)
  await greeted
  return port
}

test('what a page posts reaches the engine, and its answers come back on that port alone', async () => {
  const engine = await engineOf(ECHO)
  await becomes(engine, 'running')
  const [one, other] = [await openPort(engine), await openPort(engine)]
  const answered = once(one, 'posted')
  one.emit('message', { data: 'ping' })
  await answered
  expect(one.posted).toEqual(['hello', 'echo ping'])
  expect(other.posted).toEqual(['hello'])
})

test('an engine that dies closes every port and says how it ended', async () => {
  const engine = await engineOf(ECHO)
  await becomes(engine, 'running')
  const port = await openPort(engine)
  port.emit('message', { data: 'die' })
  await becomes(engine, 'stopped')
  expect(port.isClosed).toBe(true)
  expect(engine.state.failure).toMatchObject({ code: 'ENGINE_STOPPED', message: 'The engine ended (signal SIGKILL).' })
  expect(() => port.emit('message', { data: 'late' })).not.toThrow()
})

test('a port that is asked for while no engine runs is closed at once, and restarting serves ports again', async () => {
  const engine = await engineOf(ECHO)
  await becomes(engine, 'running')
  await engine.stop()
  const early = new FakePort()
  engine.open(early)
  expect(early.isClosed).toBe(true)
  expect(engine.state).toEqual({ state: 'stopped', failure: null })
  await engine.restart()
  await becomes(engine, 'running')
  expect((await openPort(engine)).posted).toEqual(['hello'])
})

test('an engine hears of the keychain before it hears of any page, and so does the one after it', async () => {
  const engine = await engineOf(INTRODUCED)
  engine.introduce({ kind: 'keychain', name: 'a keychain' })
  await becomes(engine, 'running')
  expect((await openPort(engine)).posted).toEqual(['a keychain'])
  await engine.restart()
  await becomes(engine, 'running')
  expect((await openPort(engine)).posted).toEqual(['a keychain'])
})

test('an engine that cannot start keeps its own reason after it has ended', async () => {
  const engine = await engineOf(REFUSE)
  await becomes(engine, 'stopped')
  await expect.poll(() => engine.state.failure).toMatchObject({ code: 'PORT_IN_USE', hint: 'Choose another.' })
})

test('without a Node to run it the engine says where it looked', async () => {
  const engine = await engineOf(ECHO, ['/nowhere/node'])
  expect(engine.state).toMatchObject({ state: 'stopped', failure: { code: 'TOOL_MISSING', message: 'No Node 24 at /nowhere/node' } })
})

test('the engine comes behind the window once it has started', async () => {
  const engine = await engineOf(TELLS_PRIORITY)
  await becomes(engine, 'running')
  const port = await openPort(engine)
  expect(port.posted).toEqual([Math.min(19, getPriority() + 5)])
})
