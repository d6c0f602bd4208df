import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../contract/errors.ts'
import { request as requestHttp } from '../lib/http.ts'

/** How long the other side may be silent. */
const IDLE_TIMEOUT_MS = 60_000
/** What an answer that is no file may hold. */
const ANSWER_LIMIT_BYTES = 16 * 2 ** 20

export interface Ask {
  method: 'GET' | 'POST' | 'DELETE'
  url: string
  token: string | null
  body?: { type: string; sizeBytes: number; chunks: AsyncIterable<Uint8Array> }
  signal: AbortSignal
}

export interface Answer {
  status: number
  location: string | null
  text: string
}

/** One request and its whole answer. DEVICE_UNREACHABLE when nobody answers, or the connection breaks. */
export async function ask(request: Ask): Promise<Answer> {
  const message = await open(request)
  const pieces: Buffer[] = []
  let sizeBytes = 0
  for await (const piece of chunksOf(message, request)) {
    sizeBytes += piece.length
    if (sizeBytes > ANSWER_LIMIT_BYTES) throw unreachable(request.url, `the answer has more than ${ANSWER_LIMIT_BYTES} bytes`)
    pieces.push(Buffer.from(piece))
  }
  return { status: message.statusCode ?? 0, location: message.headers.location ?? null, text: Buffer.concat(pieces).toString() }
}

/** The bytes behind an address. */
export async function* fetchBytes(request: Ask): AsyncGenerator<Uint8Array, void, void> {
  const message = await open(request)
  if (message.statusCode !== 200) {
    message.destroy()
    throw unreachable(request.url, `HTTP status ${message.statusCode}`)
  }
  yield* chunksOf(message, request)
}

async function* chunksOf(message: IncomingMessage, { url, signal }: Ask): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const piece of message.iterator()) yield piece
  } catch (thrown) {
    throw signal.aborted ? signal.reason : unreachable(url, thrown)
  }
}

/** Sends the request with its body. A server may answer before it has all of it: what it says then is what counts. */
function open({ method, url, token, body, signal }: Ask): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': body.type, 'content-length': String(body.sizeBytes) } : {}),
    }
    const send = url.startsWith('https:') ? requestHttps : requestHttp
    const outgoing = send(url, { method, headers, signal, timeout: IDLE_TIMEOUT_MS })
    outgoing.on('response', resolve)
    outgoing.on('timeout', () => outgoing.destroy(new Error(`it was silent for ${IDLE_TIMEOUT_MS / 1000} s`)))
    const fail = (thrown: unknown): void =>
      reject(signal.aborted ? signal.reason : thrown instanceof AppError ? thrown : unreachable(url, thrown))
    outgoing.on('error', fail)
    if (body) pipeline(Readable.from(body.chunks, { objectMode: false }), outgoing).catch(fail)
    else outgoing.end()
  })
}

function unreachable(url: string, why: unknown): AppError {
  const reason = why instanceof Error ? why.message || why.name : String(why)
  const hint = 'Check the URL, the network, and --ca for https with an authority of your own.'
  return new AppError('DEVICE_UNREACHABLE', `${new URL(url).origin} does not answer as it should: ${reason}`, hint, why)
}
