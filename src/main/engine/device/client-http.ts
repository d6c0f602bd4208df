import type { IncomingMessage } from 'node:http'
import type { DeviceDeploymentStatus } from '../../contract/devices.ts'
import type { LogMessage } from './deployment-log.ts'
import type { DeviceKey } from './device-key.ts'
import { HttpConnections, type HttpRequest, readText } from './http.ts'
import { type Instructions, type Provides, authenticationBody, errorOf, nextBody, nextQuery, parseInstructions } from './wire.ts'

const AUTH_PATH = '/api/devices/v1/authentication/auth_requests'
const INVENTORY_PATH = '/api/devices/v1/inventory/device/attributes'
const DEPLOYMENTS_V1 = '/api/devices/v1/deployments/device/deployments'
const DEPLOYMENTS_V2 = '/api/devices/v2/deployments/device/deployments'

/** The server did not do what was asked. `refused`: it answered, but not with what the client needs. */
export interface Trouble {
  kind: 'refused' | 'unreachable'
  why: string
}
type Answer = { kind: 'answer'; status: number; text: string }
export type NextDeployment = { kind: 'deployment'; instructions: Instructions } | { kind: 'none' } | Trouble
/** `aborted`: the deployment was taken back (409) or is gone (404). */
export type Reported = { kind: 'taken' } | { kind: 'aborted'; why: string } | Trouble

/** The device API as a client uses it: authenticates when it must, and again on 401. */
export class ServerConnection {
  readonly #serverUrl: () => string
  readonly #connections: HttpConnections
  readonly #identity: Record<string, string>
  readonly #key: DeviceKey
  #token: string | null = null

  constructor(parts: { serverUrl: () => string; caPem: () => string | null; identity: Record<string, string>; key: DeviceKey }) {
    this.#serverUrl = parts.serverUrl
    this.#connections = new HttpConnections(parts.caPem)
    this.#identity = parts.identity
    this.#key = parts.key
  }

  close(): void {
    this.#connections.close()
  }

  /** null until the device is accepted. */
  get token(): string | null {
    return this.#token
  }

  forgetToken(): void {
    this.#token = null
  }

  /** Gets a token if there is none. `refused` while the device is pending or rejected. */
  async authenticate(signal: AbortSignal): Promise<{ kind: 'accepted' } | Trouble> {
    if (this.#token !== null) return { kind: 'accepted' }
    const body = authenticationBody(this.#identity, this.#key.publicKeyPem)
    const headers = { 'content-type': 'application/json', authorization: 'Bearer ', 'x-men-signature': this.#key.sign(body) }
    const answer = await this.#exchange({ method: 'POST', url: this.#url(AUTH_PATH), headers, body }, signal)
    if (answer.kind !== 'answer') return answer
    if (answer.status !== 200 || answer.text === '') return refusal(answer)
    this.#token = answer.text.trim()
    return { kind: 'accepted' }
  }

  async sendInventory(body: Uint8Array, signal: AbortSignal): Promise<{ kind: 'taken' } | Trouble> {
    const answer = await this.#authorised({ method: 'PUT', url: INVENTORY_PATH, body }, signal)
    if (answer.kind !== 'answer') return answer
    return answer.status === 200 ? { kind: 'taken' } : refusal(answer)
  }

  /** Asks for work: v2, and on 404 v1 by POST, and on 404 v1 by GET. */
  async nextDeployment(provides: Provides, signal: AbortSignal): Promise<NextDeployment> {
    const tries: HttpRequest[] = [
      { method: 'POST', url: `${DEPLOYMENTS_V2}/next`, body: nextBody(2, provides) },
      { method: 'POST', url: `${DEPLOYMENTS_V1}/next`, body: nextBody(1, provides) },
      { method: 'GET', url: `${DEPLOYMENTS_V1}/next?${nextQuery(provides)}` },
    ]
    let last: Trouble = { kind: 'refused', why: 'the server knows no deployments' }
    for (const request of tries) {
      const answer = await this.#authorised(request, signal)
      if (answer.kind !== 'answer') return answer
      if (answer.status === 204) return { kind: 'none' }
      last = refusal(answer)
      if (answer.status === 404) continue
      if (answer.status !== 200) return last
      const instructions = parseInstructions(answer.text)
      return instructions ? { kind: 'deployment', instructions } : { kind: 'refused', why: 'the server named no artifact' }
    }
    return last
  }

  async reportStatus(deploymentId: string, status: DeviceDeploymentStatus, signal: AbortSignal): Promise<Reported> {
    return this.#put(deploymentId, 'status', { status }, signal)
  }

  async sendLog(deploymentId: string, messages: readonly LogMessage[], signal: AbortSignal): Promise<Reported> {
    return this.#put(deploymentId, 'log', { messages }, signal)
  }

  /** Opens a download at byte `from`. The link carries its own proof: no token is sent. */
  async openDownload(uri: string, from: number, signal: AbortSignal): Promise<{ kind: 'response'; message: IncomingMessage } | Trouble> {
    const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {}
    return this.#connections.send({ method: 'GET', url: uri, headers }, signal)
  }

  async #put(deploymentId: string, what: 'status' | 'log', value: unknown, signal: AbortSignal): Promise<Reported> {
    const body = new TextEncoder().encode(JSON.stringify(value))
    const url = `${DEPLOYMENTS_V1}/${encodeURIComponent(deploymentId)}/${what}`
    const answer = await this.#authorised({ method: 'PUT', url, body }, signal)
    if (answer.kind !== 'answer') return answer
    if (answer.status === 204) return { kind: 'taken' }
    if (answer.status === 409 || answer.status === 404) return { kind: 'aborted', why: refusal(answer).why }
    return refusal(answer)
  }

  /** Sends a request (url: a path) with the token; on 401 once more with a new one. */
  async #authorised(request: HttpRequest, signal: AbortSignal): Promise<Answer | Trouble> {
    for (let isRetry = false; ; isRetry = true) {
      const access = await this.authenticate(signal)
      if (access.kind !== 'accepted') return access
      const headers = { authorization: `Bearer ${this.#token}`, ...(request.body ? { 'content-type': 'application/json' } : {}) }
      const answer = await this.#exchange({ ...request, url: this.#url(request.url), headers }, signal)
      if (answer.kind !== 'answer' || answer.status !== 401) return answer
      this.#token = null
      if (isRetry) return refusal(answer)
    }
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<Answer | Trouble> {
    const response = await this.#connections.send(request, signal)
    if (response.kind !== 'response') return response
    try {
      return { kind: 'answer', status: response.message.statusCode ?? 0, text: await readText(response.message) }
    } catch (thrown) {
      signal.throwIfAborted()
      return { kind: 'unreachable', why: thrown instanceof Error ? thrown.message : String(thrown) }
    }
  }

  #url(path: string): string {
    return `${this.#serverUrl().replace(/\/+$/, '')}${path}`
  }
}

function refusal({ status, text }: Answer): Trouble {
  return { kind: 'refused', why: `${status}${text === '' ? '' : `: ${errorOf(text)}`}` }
}
