import type { Socket } from 'node:net'
import type { ConnectionError, FastifyInstance, FastifyRequest } from 'fastify'
import { answerClientError } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is a file: it may take as long as it takes, as long as something comes. */
    isUpload?: boolean
  }
}

const DEFAULTS = {
  /** How long the headers of a request may take. */
  headersMs: 20_000,
  /** How long a request may take that brings no file: a megabyte even over a bad line. */
  bodyMs: 60_000,
  /** How long an upload may stand still. */
  stillMs: 120_000,
}

/**
 * Ends requests that do not come to their end: each would hold a connection for nothing. Node itself watches them, which costs a request
 * nothing; routes that take files wait for the next byte instead.
 */
export function openPatience({ headersMs, bodyMs, stillMs } = DEFAULTS) {
  const uploading = new WeakSet<Socket>()

  function waitForFile({ raw }: FastifyRequest): void {
    const { socket } = raw
    uploading.add(socket)
    let before = socket.bytesRead
    const timer = setInterval(() => {
      const isMoving = socket.bytesRead > before
      before = socket.bytesRead
      // A file that waits for room on the disk, or for the device that it goes to, is not the sender's fault.
      if (!isMoving && !raw.isPaused()) answerClientError(Object.assign(new Error('too slow'), TOO_SLOW), socket)
    }, stillMs)
    const stop = (): void => {
      clearInterval(timer)
      uploading.delete(socket)
    }
    raw.once('end', stop).once('close', stop)
  }

  return {
    /** For the http or https server. */
    limits: { headersTimeout: headersMs, requestTimeout: bodyMs, connectionsCheckingInterval: Math.min(headersMs, bodyMs) / 4 },
    answerClientError(error: ConnectionError, socket: Socket): void {
      if (error.code !== TOO_SLOW.code || !uploading.has(socket)) answerClientError(error, socket)
    },
    /** For routes that are added to `app` from now on. */
    watchUploads(app: FastifyInstance): void {
      app.addHook('onRoute', (route) => {
        if (!route.config?.isUpload) return
        const wait = (request: FastifyRequest, _reply: unknown, done: () => void): void => {
          waitForFile(request)
          done()
        }
        route.onRequest = [route.onRequest ?? [], wait].flat()
      })
    },
  }
}

const TOO_SLOW = { code: 'ERR_HTTP_REQUEST_TIMEOUT', bytesParsed: 0, rawPacket: { type: 'Buffer' as const, data: [] } }
