import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PROTO } from '../../engine/connect/frame.ts'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { type TestSocket, behaveAsDevice, connectDevice } from '../../engine/server/connect.cases.ts'

const CLI = fileURLToPath(import.meta.resolve('../../cli.ts'))

describe('otabench terminal', () => {
  let bench: TestEngine
  let socket: TestSocket
  let deviceId = ''
  beforeEach(async () => {
    bench = await openTestEngine({ acceptMode: 'all' })
    const device = await connectDevice(bench)
    socket = device.socket
    deviceId = device.id
    behaveAsDevice(socket, new Map())
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  /** The program, with a standard input that stays open. */
  async function start() {
    const child = spawn(process.execPath, [CLI, 'terminal', deviceId, '--server', bench.url, '--token', await bench.token()])
    const said = { text: '' }
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
    return { child, said }
  }

  it.each([
    ['is lost', () => socket.socket.terminate(), [1, expect.stringContaining('DEVICE_UNREACHABLE')]],
    ['ends its shell', (sessionId: string) => socket.send({ proto: PROTO.shell, type: 'stop', sessionId }), [0, expect.any(String)]],
  ])('ends when the device %s before it has shown a prompt, though nothing was typed and more could be', async (_, happens, expected) => {
    const asDevice = socket.onFrame
    socket.onFrame = (frame) => {
      asDevice(frame)
      if (frame.type === 'new') happens(frame.sessionId)
    }
    const { child, said } = await start()
    const [code] = await once(child, 'close')
    expect([code, said.text]).toEqual(expected)
    child.stdin.destroy()
  })
})
