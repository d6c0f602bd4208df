import { type KeyObject, createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { nodeHost } from '../host.node.ts'
import { type ArtifactCheck, openArtifactFiles } from '../store/artifact-files.ts'
import { type Store, openStore } from '../store/open.ts'
import type { ActionParts } from './actions.ts'
import { ACCEPT_MODE } from './device-auth.ts'
import { createDeployment } from './deployment-actions.ts'
import { type Login, ensureAdmin, openLogin } from './login.ts'
import { recordingsInMemory } from './recordings.cases.ts'
import { type Server, createServer } from './server.ts'

export type KeyKind = 'rsa' | 'p256' | 'p384' | 'ed25519'

const MAKE: Record<KeyKind, () => { publicKey: KeyObject; privateKey: KeyObject }> = {
  rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  p384: () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  ed25519: () => generateKeyPairSync('ed25519'),
}

/** A device as far as the server sees it: a key and an identity. */
export interface TestDevice {
  mac: string
  pem: string
  sign(body: string): string
}

export function makeDevice(mac: string, kind: KeyKind = 'ed25519'): TestDevice {
  const { publicKey, privateKey } = MAKE[kind]()
  return {
    mac,
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (body) => sign(kind === 'ed25519' ? null : 'sha256', Buffer.from(body), privateKey).toString('base64'),
  }
}

/** The body as the Go client writes it, with the newline of its encoder. */
export function authBody({ mac, pem }: TestDevice): string {
  return `${JSON.stringify({ id_data: JSON.stringify({ mac }), tenant_token: '', pubkey: pem })}\n`
}

export interface DeviceBench extends AsyncDisposable {
  app: FastifyInstance
  server: Server
  store: Store
  actions: ActionParts
  login: Login
  /** What the clock shows; may be moved. */
  clock: { now: number }
  authenticate(device: TestDevice, headers?: Record<string, string>): Promise<{ status: number; text: string; type: string }>
  /** Accepted, with its token. */
  join(mac: string): Promise<{ device: TestDevice; id: string; token: string }>
  addArtifact(name: string, bytes: Buffer, change?: Partial<ArtifactContent>): Promise<string>
  deploy(artifactName: string, ids: string[], isForced?: boolean): string
}

/** Without an artifact check of its own it takes any bytes for what `addArtifact` says of them. */
export async function openDeviceBench(check?: ArtifactCheck): Promise<DeviceBench> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-devices-'))
  const store = openStore(':memory:')
  const clock = { now: Date.UTC(2026, 4, 1) }
  const now = () => clock.now
  const pending: { content: ArtifactContent | null } = { content: null }
  const artifactFiles = await openArtifactFiles({
    files: nodeHost().files,
    store,
    folder,
    check:
      check ??
      (async (chunks) => {
        const hash = createHash('sha256')
        let sizeBytes = 0
        for await (const chunk of chunks) {
          hash.update(chunk)
          sizeBytes += chunk.length
        }
        if (!pending.content) throw new Error('no content was prepared')
        return { ...pending.content, sizeBytes, sha256: hash.digest('hex') }
      }),
  })
  const actions: ActionParts = { store, artifactFiles, now, newId: randomUUID }
  const parts = { store, clock: { now, sleep: async () => undefined } }
  await ensureAdmin({ ...parts, password: 'pass:word' })
  const login = openLogin(parts)
  const server = createServer({ actions, login, recordings: recordingsInMemory(store) })
  const app = await server.app()
  const bench = { app, server, store, actions, login, clock }
  return {
    ...bench,
    authenticate: (device, headers) => authenticate(app, device, headers),
    join: (mac) => joinBench(bench, mac),
    async addArtifact(name, bytes, change = {}) {
      pending.content = { ...EMPTY, name, ...change }
      await using staged = await artifactFiles.stage(chunksOf(bytes))
      return (await staged.keep({ id: randomUUID(), description: '', addedAt: clock.now })).id
    },
    deploy: (artifactName, ids, isForced = false) =>
      createDeployment(actions, { name: `test ${randomUUID()}`, artifactName, isForced, target: { kind: 'devices', ids } }).id,
    async [Symbol.asyncDispose]() {
      await app.close()
      await server.stop(0)
      store.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function authenticate(app: FastifyInstance, device: TestDevice, headers: Record<string, string> = {}) {
  const payload = authBody(device)
  const answer = await app.inject({
    method: 'POST',
    url: '/api/devices/v1/authentication/auth_requests',
    headers: { 'content-type': 'application/json', authorization: 'API_KEY', 'x-men-signature': device.sign(payload), ...headers },
    payload,
  })
  return { status: answer.statusCode, text: answer.body, type: String(answer.headers['content-type']) }
}

async function joinBench({ app, store }: Pick<DeviceBench, 'app' | 'store'>, mac: string) {
  const device = makeDevice(mac)
  store.settings.set(ACCEPT_MODE, 'all')
  const { text: token } = await authenticate(app, device)
  store.settings.set(ACCEPT_MODE, 'none')
  const id = store.devices.list().find(({ identity }) => identity['mac'] === mac)?.id ?? ''
  return { device, id, token }
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}

const EMPTY: ArtifactContent = {
  formatVersion: 3,
  name: '',
  group: null,
  deviceTypes: ['board'],
  payloadType: 'rootfs-image',
  compression: 'none',
  dependsNames: [],
  dependsGroups: [],
  provides: {},
  depends: {},
  clearsProvides: null,
  scripts: [],
  metaData: null,
  files: [],
  signature: { present: false, verifiedBy: null },
  warnings: [],
}
