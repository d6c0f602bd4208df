import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import { z } from 'zod'
import { nodeHost } from '../../src/main/engine/host.node.ts'
import { type DeviceTokens, openDeviceTokens } from '../../src/main/engine/server/device-token.ts'
import { openLogin } from '../../src/main/engine/server/login.ts'
import { recordingsInMemory } from '../../src/main/engine/server/recordings.cases.ts'
import { createServer } from '../../src/main/engine/server/server.ts'
import { openArtifactFiles } from '../../src/main/engine/store/artifact-files.ts'
import { type Store, openStore } from '../../src/main/engine/store/open.ts'
import type { Row } from '../bench.ts'
import { quantile } from '../quantiles.ts'

export interface LoadOrder {
  host: string
  port: number
  path: string
  /** Each belongs to another device; they are used in turn. */
  tokens: string[]
  body: string
  ms: number
  /** Sends as many, spread evenly; as many as are answered, when it is absent. */
  perSecond?: number
}

const loadResult = z.object({ latencies: z.array(z.number()), ms: z.number() })
/** Latencies in milliseconds, sorted. */
export type LoadResult = z.infer<typeof loadResult>

const SIZES = [1000, 100_000]
const WARM_MS = 1500
const ROUND_MS = 3000
const ROUNDS = 2
/** The rate at which the time of an answer is measured as well: more than any bench has to bear. */
const STEADY_PER_SECOND = 2000
export const PATH = '/api/devices/v2/deployments/device/deployments/next'
export const BODY = JSON.stringify({
  device_provides: { artifact_name: 'v1', device_type: 'board', 'rootfs-image.version': 'v1' },
  update_control_map: true,
})
const COMMAND = 'npm run bench polls'

/** Idle polls (204) per second, each of another device until all have polled, and their 99th percentile, over 32 kept connections, against a bare fastify route with the same token check. */
export async function benchPolls(): Promise<Row[]> {
  const child = fork(join(import.meta.dirname, 'load', 'polls-load.ts'))
  try {
    const rows: Row[] = []
    for (const size of SIZES) rows.push(...(await measure(size, child)))
    return rows
  } finally {
    child.kill()
  }
}

async function measure(size: number, child: ChildProcess): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-'))
  const { clock, files } = nodeHost()
  const now = () => clock.now()
  const store = openStore(join(folder, 'bench.db'))
  const artifactFiles = await openArtifactFiles({
    files,
    store,
    folder: join(folder, 'artifacts'),
    check: () => Promise.reject(new Error('unused')),
  })
  const tokens = openDeviceTokens({ store, now })
  const ids = seed(store, size)
  const server = createServer({
    actions: { store, artifactFiles, now, newId: randomUUID },
    login: openLogin({ store, clock }),
    recordings: recordingsInMemory(store),
  })
  const { http } = await server.start({ http: { host: '127.0.0.1', port: 0 } })
  const bare = await bareServer(tokens)
  const sent = ids.map((id) => tokens.issue({ id: `${id}-key`, deviceId: id }))
  const load = (url: string, ms: number, rate?: number) => {
    const port = Number(new URL(url).port)
    const steady = rate === undefined ? {} : { perSecond: rate }
    return loadOn(child, { ...{ host: '127.0.0.1', port, path: PATH, tokens: sent, body: BODY, ms }, ...steady })
  }
  const ours: LoadResult[] = []
  const peer: LoadResult[] = []
  await load(http ?? '', WARM_MS)
  await load(bare.url, WARM_MS)
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await load(http ?? '', ROUND_MS))
    peer.push(await load(bare.url, ROUND_MS))
  }
  const steady = await load(http ?? '', ROUND_MS * ROUNDS, STEADY_PER_SECOND)
  await bare.close()
  await server.stop(0)
  store.close()
  await rm(folder, { recursive: true })
  return [...rowsOf(size, ours, peer), steadyRow(size, steady)]
}

function rowsOf(size: number, ours: readonly LoadResult[], peer: readonly LoadResult[]): Row[] {
  const [rate, peerRate] = [perSecond(ours), perSecond(peer)]
  const [slow, peerSlow] = [p99(ours), p99(peer)]
  const stored = `${size.toLocaleString('en')} devices stored`
  return [
    {
      what: `idle polls, ${stored} (peer: bare fastify route)`,
      ours: rate,
      peer: peerRate,
      ratio: rate / peerRate,
      unit: 'polls/s',
      command: COMMAND,
    },
    {
      what: `p99 of an idle poll at full load, ${stored}`,
      ours: slow,
      peer: peerSlow,
      ratio: peerSlow / slow,
      unit: 'ms',
      command: COMMAND,
    },
  ]
}

function steadyRow(size: number, result: LoadResult): Row {
  const what = `p99 of an idle poll at ${STEADY_PER_SECOND.toLocaleString('en')} a second, ${size.toLocaleString('en')} devices stored`
  return { what, ours: p99([result]), unit: 'ms', command: COMMAND }
}

function perSecond(results: readonly LoadResult[]): number {
  const count = results.reduce((sum, { latencies }) => sum + latencies.length, 0)
  return (1000 * count) / results.reduce((sum, { ms }) => sum + ms, 0)
}

export function p99(results: readonly LoadResult[]): number {
  return quantile(
    results.flatMap(({ latencies }) => latencies),
    0.99,
  )
}

export async function loadOn(child: ChildProcess, order: LoadOrder): Promise<LoadResult> {
  const answered = once(child, 'message')
  child.send(order)
  const [result]: unknown[] = await answered
  return loadResult.parse(result)
}

/** Accepted devices, each of which has finished one deployment and has said so; answers their ids. */
function seed(store: Store, size: number): string[] {
  const ids = Array.from({ length: size }, (_, index) => `device-${index}`)
  const at = Date.now()
  const authset = { publicKeyPem: 'PEM', fingerprint: 'f', algorithm: 'ED25519', status: 'accepted', createdAt: at } as const
  store.transaction(() => {
    for (const id of ids) {
      store.devices.add({ id, identityHash: id, identity: { mac: id }, createdAt: at })
      store.authsets.add({ ...authset, id: `${id}-key`, deviceId: id })
      store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'accepted', at })
    }
    const deployment = { id: 'old', name: 'old', artifactName: 'v1', isForced: false, group: null, createdAt: at }
    store.deployments.add(
      deployment,
      ids.map((id) => ({ id, name: id })),
    )
    for (const each of store.deviceDeployments.ofDeployment('old'))
      store.deviceDeployments.update({ ...each, status: 'success', finishedAt: at })
    for (const id of ids) store.devices.setReported(id, { deviceType: 'board', artifactName: 'v1', at })
  })
  return ids
}

/** The least that could answer a poll: fastify, the token check, 204. */
async function bareServer(tokens: DeviceTokens): Promise<{ url: string; close(): Promise<void> }> {
  const app = Fastify()
  app.addHook('onRequest', async (request, reply) => {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (tokens.check(token).kind !== 'valid') return reply.code(401).send()
    return undefined
  })
  app.post(PATH, async (_request, reply) => reply.code(204).send())
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() }
}
