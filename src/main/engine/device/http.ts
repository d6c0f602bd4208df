import type { IncomingMessage, RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { AppError } from '../../contract/errors.ts'
import { Agent as HttpAgent, request as requestHttp } from '../lib/http.ts'

const IDLE_TIMEOUT_MS = 30_000

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT'
  url: string
  headers?: Record<string, string>
  body?: Uint8Array
}

/** The response with its body still to be read, or why there is none. */
export type HttpResponse = { kind: 'response'; message: IncomingMessage } | { kind: 'unreachable'; why: string }

/** One device's connections to its server: kept alive, and closed together. */
export class HttpConnections {
  readonly #caPem: () => string | null
  readonly #http = new HttpAgent({ keepAlive: true })
  #https = new HttpsAgent({ keepAlive: true })
  #trusted: string | null = null

  /** `caPem`: what to trust besides the machine's own certificates; asked anew for each request. */
  constructor(caPem: () => string | null) {
    this.#caPem = caPem
  }

  /** Sends one request. CANCELLED when the signal aborts; every other trouble is a value. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const isUrl = URL.canParse(request.url) && /^https?:/.test(request.url)
    if (!isUrl) return { kind: 'unreachable', why: `"${request.url}" is not an http or https address` }
    const first = await this.#once(request, signal)
    return first.kind === 'stale' ? plain(await this.#once(request, signal)) : plain(first)
  }

  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }

  #once(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse | { kind: 'stale'; why: string }> {
    const isSecure = request.url.startsWith('https:')
    const body = request.body
    const headers = { ...request.headers, ...(body ? { 'content-length': String(body.length) } : {}) }
    const options: RequestOptions = { method: request.method, headers, signal, timeout: IDLE_TIMEOUT_MS }
    return new Promise((resolve, reject) => {
      const outgoing = isSecure
        ? requestHttps(request.url, { ...options, agent: this.#secureAgent() })
        : requestHttp(request.url, { ...options, agent: this.#http })
      outgoing.on('response', (message) => resolve({ kind: 'response', message }))
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer for ${IDLE_TIMEOUT_MS / 1000} s`)))
      outgoing.on('error', (error) => {
        if (signal.aborted) reject(new AppError('CANCELLED', 'Cancelled', '', error))
        // A server may close an idle connection in the moment in which it is used again; the request then never arrived.
        else resolve({ kind: outgoing.reusedSocket ? 'stale' : 'unreachable', why: error.message || error.name })
      })
      outgoing.end(body)
    })
  }

  #secureAgent(): HttpsAgent {
    const caPem = this.#caPem()
    if (caPem !== this.#trusted) {
      this.#https.destroy()
      this.#https = new HttpsAgent({ keepAlive: true, ...(caPem === null ? {} : { ca: caPem }) })
      this.#trusted = caPem
    }
    return this.#https
  }
}

function plain(outcome: HttpResponse | { kind: 'stale'; why: string }): HttpResponse {
  return outcome.kind === 'stale' ? { kind: 'unreachable', why: outcome.why } : outcome
}

const ANSWER_LIMIT_BYTES = 1 << 20

/** The whole body as text, cut at 1 MiB. Throws what the connection throws. */
export async function readText(message: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of message) {
    size += chunk.length
    if (size > ANSWER_LIMIT_BYTES) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
