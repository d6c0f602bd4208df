import { readdir } from 'node:fs/promises'
import { type Socket, connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { libraryCheck } from '../artifact/read.ts'
import { makeArtifact } from '../device/test-device.cases.ts'
import { type Bench, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench(libraryCheck())
})
afterEach(() => bench[Symbol.asyncDispose]())

const PATH = '/api/management/v1/deployments/artifacts'
const temporary = () => readdir(join(bench.folder, 'tmp'))

/** Sends the first half of an artifact, and leaves the connection open. */
async function sendHalf(port: number, file: Buffer): Promise<Socket> {
  const part = '--b\r\ncontent-disposition: form-data; name="artifact"; filename="a.mender"\r\n\r\n'
  const head = [
    `POST ${PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${bench.token}`,
    `content-type: multipart/form-data; boundary=b\r\ncontent-length: ${part.length + file.length + 9}\r\n\r\n`,
  ].join('\r\n')
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  socket.write(head + part)
  socket.write(file.subarray(0, file.length / 2))
  return socket
}

describe('uploads that are broken off', () => {
  it('leave nothing behind, and hold up nobody while they stand still', async () => {
    const { port } = new URL(await bench.app.listen({ port: 0, host: '127.0.0.1' }))
    const file = Buffer.from(await makeArtifact({ name: 'v1' }))
    const sockets = await Promise.all(Array.from({ length: 20 }, () => sendHalf(Number(port), file)))
    await expect.poll(temporary).toHaveLength(sockets.length)
    const form = new FormData()
    form.set('artifact', new Blob([file]), 'a.mender')
    const headers = { authorization: `Bearer ${bench.token}` }
    const whole = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: 'POST', headers, body: form })
    expect(whole.status).toBe(201)
    for (const socket of sockets) socket.destroy()
    await expect.poll(temporary).toEqual([])
    expect(bench.parts.store.artifacts.list()).toHaveLength(1)
  })
})
