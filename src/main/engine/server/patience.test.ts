import { createServer } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import Fastify, { type FastifyInstance } from 'fastify'
import { openPatience } from './patience.ts'

describe('a request whose body does not come', () => {
  let app: FastifyInstance
  let port = 0
  beforeEach(async () => {
    // far more than the pauses between the bytes, also on a busy machine
    const patience = openPatience({ headersMs: 1000, bodyMs: 1000, stillMs: 5000 })
    app = Fastify({
      clientErrorHandler: patience.answerClientError,
      serverFactory: (handler) => createServer(patience.limits, handler),
    })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    patience.watchUploads(app)
    app.post('/small', async () => 'taken')
    app.post('/file', { config: { isUpload: true } }, async () => 'taken')
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers.authorization === 'none') await reply.code(401).send()
    })
    port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
  })
  afterEach(() => app.close())

  /** Sends a head, and one byte of the body each 200 ms; answers what came back when the connection had ended. */
  async function drip(head: string, bytes: number): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('error', () => undefined)
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.write(`${head}\r\n\r\n`)
    let left = bytes
    const timer = setInterval(() => {
      if (left > 0 && socket.writable) socket.write('x')
      left -= 1
    }, 200)
    await ended
    clearInterval(timer)
    return text
  }
  const head = (path: string, more = '') => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Length: 8${more}`

  it('is answered 408 and cut, however busily it drips', async () => {
    expect(await drip(head('/small'), 7)).toMatch(/^HTTP\/1.1 408 /)
  })

  it('may be a file that takes its time, as long as something comes', async () => {
    expect(await drip(head('/file', '\r\nConnection: close'), 8)).toMatch(/^HTTP\/1.1 200 /)
    expect(await drip(head('/file'), 2)).toMatch(/^HTTP\/1.1 408 /)
  })

  it('is cut also after it was refused', async () => {
    expect(await drip(head('/small', '\r\nAuthorization: none'), 2)).toMatch(/^HTTP\/1.1 401 /)
  })
})
