import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DeviceBench, openDeviceBench } from './device.cases.ts'

let bench: DeviceBench
let port: number
beforeEach(async () => {
  bench = await openDeviceBench()
  const { http } = await bench.server.start({ http: { host: '127.0.0.1', port: 0 } })
  port = Number(new URL(http ?? '').port)
})
afterEach(async () => {
  await bench.server.stop(0)
  await bench[Symbol.asyncDispose]()
})

/** Sends these bytes; answers the status line and the JSON body. */
async function say(text: string): Promise<{ status: string; json: unknown }> {
  const socket = connect(port, '127.0.0.1')
  socket.end(text)
  const [head = '', body = ''] = Buffer.concat(await socket.toArray())
    .toString()
    .split('\r\n\r\n')
  return { status: head.split('\r\n')[0] ?? '', json: JSON.parse(body) }
}

const problem = { error: expect.any(String), request_id: expect.any(String) }

describe('what is refused before there is a route', () => {
  it.each([
    ['is not HTTP', 'hello\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    ['has two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '400'],
    ['has headers without end', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(30_000)}\r\n\r\n`, '431'],
    ['has an address that cannot be decoded', 'GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', '400'],
  ])('answers an error object to what %s', async (_, text, status) => {
    expect(await say(text)).toEqual({ status: expect.stringContaining(status), json: problem })
  })

  it('takes a group name as long as groups may be called, and says so of a longer one', async () => {
    const path = (length: number) => `http://127.0.0.1:${port}/api/management/v1/inventory/groups/${'a'.repeat(length)}/devices`
    expect((await fetch(path(1024))).status).toBe(401)
    const tooLong = await fetch(path(1025))
    expect(tooLong.status).toBe(414)
    expect(await tooLong.json()).toEqual(problem)
  })
})
