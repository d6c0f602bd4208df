import { createPublicKey, verify } from 'node:crypto'
import fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'

const authRequest = z.object({ id_data: z.string(), pubkey: z.string(), tenant_token: z.string() })
const statusBody = z.object({ status: z.string() })
const logBody = z.object({ messages: z.array(z.object({ timestamp: z.string(), level: z.string(), message: z.string() })).min(1) })

/** The smallest server that a client can be tested against: it remembers what it was told and misbehaves when asked. */
export class SmallServer {
  readonly #app: FastifyInstance
  /** What devices sent, in order: `auth`, `inventory`, `next v2`, `status installing`, `download 0`… */
  readonly seen: string[] = []
  readonly statuses: string[] = []
  log: string[] = []
  artifact: Uint8Array = new Uint8Array(0)
  artifactName = ''
  hasWork = false
  isAccepting = true
  isAborted = false
  /** The API versions that `next` answers. */
  versions: readonly ('v2' | 'v1 POST' | 'v1 GET')[] = ['v2', 'v1 POST', 'v1 GET']
  /** Tokens given out before this count are no longer good. */
  validFrom = 0
  /** Called before a status is taken; may change the server. */
  onStatus: (status: string) => void = () => undefined
  #tokens = 0
  url = ''

  constructor() {
    this.#app = fastify({ forceCloseConnections: true })
    this.#routes()
  }

  async listen(): Promise<void> {
    this.url = await this.#app.listen({ host: '127.0.0.1', port: 0 })
  }

  close(): Promise<void> {
    return this.#app.close()
  }

  deploy(artifactName: string, artifact: Uint8Array): void {
    Object.assign(this, { artifactName, artifact, hasWork: true, isAborted: false, log: [] })
    this.statuses.length = 0
  }

  #routes(): void {
    const app = this.#app
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    app.post('/api/devices/v1/authentication/auth_requests', (request, reply) => {
      this.seen.push('auth')
      const body = z.instanceof(Buffer).parse(request.body)
      const { pubkey } = authRequest.parse(JSON.parse(body.toString()))
      const key = createPublicKey(pubkey)
      const signature = Buffer.from(String(request.headers['x-men-signature']), 'base64')
      const isGood = verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', body, key, signature)
      if (!isGood || !this.isAccepting) return reply.code(401).send({ error: isGood ? 'pending' : 'signature' })
      return reply.type('application/jwt').send(`token-${this.#tokens++}`)
    })
    app.register(async (scope) => this.#authorised(scope), { prefix: '/api/devices' })
    app.get('/download', (request, reply) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      this.seen.push(`download ${from}`)
      const rest = this.artifact.subarray(from)
      if (request.headers.range)
        reply.code(206).header('content-range', `bytes ${from}-${this.artifact.length - 1}/${this.artifact.length}`)
      return reply.header('content-length', rest.length).send(Buffer.from(rest))
    })
  }

  #authorised(app: FastifyInstance): void {
    app.addHook('onRequest', async (request, reply) => {
      const token = Number(/^Bearer token-(\d+)$/.exec(request.headers.authorization ?? '')?.[1] ?? -1)
      if (token < this.validFrom) await reply.code(401).send({ error: 'unauthorized' })
    })
    app.put('/v1/inventory/device/attributes', (_request, reply) => {
      this.seen.push('inventory')
      return reply.code(200).send()
    })
    const next =
      (version: 'v2' | 'v1 POST' | 'v1 GET') =>
      (_request: unknown, reply: { code(status: number): { send(value?: unknown): unknown } }) => {
        this.seen.push(`next ${version}`)
        if (!this.versions.includes(version)) return reply.code(404).send({ error: 'not found' })
        if (!this.hasWork) return reply.code(204).send()
        const source = { uri: `${this.url}/download`, expire: '2100-01-01T00:00:00Z' }
        return reply
          .code(200)
          .send({ id: 'd1', artifact: { artifact_name: this.artifactName, source, device_types_compatible: ['virtual'] } })
      }
    app.post('/v2/deployments/device/deployments/next', next('v2'))
    app.post('/v1/deployments/device/deployments/next', next('v1 POST'))
    app.get('/v1/deployments/device/deployments/next', next('v1 GET'))
    app.put('/v1/deployments/device/deployments/d1/status', (request, reply) => {
      const { status } = statusBody.parse(JSON.parse(String(request.body)))
      this.onStatus(status)
      this.seen.push(`status ${status}`)
      if (this.isAborted) return reply.code(409).send({ error: 'aborted' })
      this.statuses.push(status)
      if (status === 'success' || status === 'failure') this.hasWork = false
      return reply.code(204).send()
    })
    app.put('/v1/deployments/device/deployments/d1/log', (request, reply) => {
      this.log = logBody.parse(JSON.parse(String(request.body))).messages.map(({ message }) => message)
      return reply.code(204).send()
    })
  }
}
