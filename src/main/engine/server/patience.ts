import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerClientError } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is a file: it may take as long as it takes, as long as something comes. */
    isUpload?: boolean
  }
}

/** How long a body may take that is no file: a megabyte even over a bad line. */
const BODY_MS = 60_000
/** How long an upload may stand still. */
const STILL_MS = 120_000

/** How long the headers of a request may take. */
export const HEADERS_MS = 20_000

/** Ends requests whose body does not come: each would hold a connection for nothing. Routes that take files wait for the next byte. */
export function limitPatience(app: FastifyInstance, { bodyMs = BODY_MS, stillMs = STILL_MS } = {}): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (hasBody(request))
      waitForBody(request, request.routeOptions.config.isUpload ? { ms: stillMs, isStill: true } : { ms: bodyMs, isStill: false })
    done()
  })
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

function waitForBody({ raw }: FastifyRequest, { ms, isStill }: { ms: number; isStill: boolean }): void {
  const { socket } = raw
  let before = socket.bytesRead
  const timer = setInterval(() => {
    const isMoving = isStill && socket.bytesRead > before
    before = socket.bytesRead
    // A file that waits for room on the disk, or for the device that it goes to, is not the sender's fault.
    if (!isMoving && !raw.isPaused()) answerClientError(Object.assign(new Error('too slow'), TOO_SLOW), socket)
  }, ms)
  const stop = (): void => clearInterval(timer)
  raw.once('end', stop).once('close', stop)
}

const TOO_SLOW = { code: 'ERR_HTTP_REQUEST_TIMEOUT', bytesParsed: 0, rawPacket: { type: 'Buffer' as const, data: [] } }
