import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect } from 'vitest'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import { nodeHost } from '../host.node.ts'
import { type ArtifactCheck, openArtifactFiles } from '../store/artifact-files.ts'
import { DeviceLines } from '../connect/lines.ts'
import { openStore } from '../store/open.ts'
import { ADMIN } from '../../contract/users.ts'
import { ensureAdmin, openLogin } from './login.ts'
import { acceptWebsockets } from './accept-websockets.ts'
import { registerManagement } from './management.ts'
import type { ManagementParts } from './management-guard.ts'
import { openApiCheck } from './openapi.cases.ts'
import { recordingsInMemory } from './recordings.cases.ts'
import { SocketWatch } from './websocket-pipe.ts'

export const PASSWORD = 'pass:word'
const breachesOf = openApiCheck()

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As in the OpenAPI document, with its braces. */
  path: string
  params?: Record<string, string>
  query?: string
  body?: unknown
  headers?: Record<string, string>
  /** Another token, or none. */
  token?: string | null
  /** Raw body, instead of `body`. */
  payload?: Buffer
}

export interface Bench extends AsyncDisposable {
  app: FastifyInstance
  parts: ManagementParts
  folder: string
  token: string
  /** Calls the API and holds the answer against the OpenAPI document. */
  call(call: Call): Promise<{ status: number; json: unknown; text: string; headers: Record<string, unknown> }>
  addArtifact(name: string, deviceTypes?: string[]): Promise<string>
  addDevice(mac: string, status?: 'accepted' | 'pending'): string
}

/** The management API on an empty bench, with an artifact check that takes JSON of the form {name, deviceTypes}. */
export async function openBench(check: ArtifactCheck = plainCheck): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-management-'))
  const host = nodeHost()
  const store = openStore(':memory:')
  const artifactFiles = await openArtifactFiles({ files: host.files, store, folder, check })
  await ensureAdmin({ store, clock: host.clock, password: PASSWORD })
  let at = host.clock.now()
  // No two things happen at one time, so that lists have one order.
  const now = () => (at += 1)
  const login = openLogin({ store, clock: host.clock })
  const actions = { store, artifactFiles, now, newId: () => randomUUID() }
  const sockets = new SocketWatch(store.changes.credentials)
  const parts: ManagementParts = { ...actions, login, lines: new DeviceLines(actions), sockets, recordings: recordingsInMemory(store) }
  const app = Fastify({ genReqId: () => randomUUID() })
  await acceptWebsockets(app)
  registerManagement(app, parts)
  await app.ready()
  const token = await login.login(ADMIN, PASSWORD, { address: 'test', isLong: false })
  return {
    ...{ app, parts, folder, token },
    call: (call) => callChecked(app, { token, ...call }),
    async addArtifact(name, deviceTypes = ['board']) {
      await using staged = await artifactFiles.stage(fileOf({ name, deviceTypes }))
      return (await staged.keep({ id: randomUUID(), description: '', addedAt: parts.now() })).id
    },
    addDevice(mac, status = 'accepted') {
      const id = randomUUID()
      store.devices.add({ id, identityHash: mac, identity: { mac }, createdAt: parts.now() })
      const authset = { id: `${id}-key`, deviceId: id, publicKeyPem: 'PEM', fingerprint: mac, algorithm: 'ED25519', createdAt: parts.now() }
      store.authsets.add({ ...authset, status })
      store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: status, at: parts.now() })
      return id
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      store.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function callChecked(app: FastifyInstance, { method, path, params = {}, query = '', body, headers = {}, token, payload }: Call) {
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? 'missing'))
  const sent = payload ?? (body === undefined ? undefined : JSON.stringify(body))
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const auth: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  const answer = await app.inject({ method, url: `${url}${query}`, payload: sent, headers: { ...type, ...auth, ...headers } })
  const contentType = (answer.headers['content-type'] ?? '').split(';')[0] ?? ''
  expect(breachesOf(method, path, { status: answer.statusCode, contentType, headers: answer.headers, body: answer.body })).toEqual([])
  const json: unknown = contentType === 'application/json' && answer.body !== '' ? JSON.parse(answer.body) : null
  return { status: answer.statusCode, json, text: answer.body, headers: answer.headers }
}

async function* fileOf(said: { name: string; deviceTypes: string[] }): AsyncGenerator<Uint8Array, void, void> {
  yield new TextEncoder().encode(JSON.stringify(said))
}

const plainCheck: ArtifactCheck = async (chunks) => {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) {
    if (parts.length === 0 && chunk[0] !== '{'.charCodeAt(0)) throw new AppError('ARTIFACT_INVALID', 'This is no artifact', 'Write one.')
    parts.push(chunk)
  }
  const text = Buffer.concat(parts)
  const { name, deviceTypes } = JSON.parse(text.toString())
  return { ...contentOf(name, deviceTypes), sizeBytes: text.length, sha256: 'a'.repeat(64) }
}

function contentOf(name: string, deviceTypes: string[]): ArtifactContent {
  return {
    ...{ name, deviceTypes, formatVersion: 3, group: null, payloadType: 'module', compression: 'none' },
    dependsNames: [],
    dependsGroups: [],
    provides: { 'rootfs-image.version': name },
    depends: { 'rootfs-image.version': 'old' },
    clearsProvides: ['rootfs-image.*'],
    scripts: [],
    metaData: { key: 'value' },
    files: [{ name: 'f', sizeBytes: 3, sha256: 'b'.repeat(64), modifiedAt: 0 }],
    signature: { present: true, verifiedBy: null },
    warnings: [],
  }
}
