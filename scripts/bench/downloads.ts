import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { freePort } from '../../src/main/engine/lib/free-port.cases.ts'
import { nodeHost } from '../../src/main/engine/host.node.ts'
import { openDeviceTokens } from '../../src/main/engine/server/device-token.ts'
import { openLogin } from '../../src/main/engine/server/login.ts'
import { recordingsInMemory } from '../../src/main/engine/server/recordings.cases.ts'
import { createServer } from '../../src/main/engine/server/server.ts'
import { openArtifactFiles } from '../../src/main/engine/store/artifact-files.ts'
import { openStore } from '../../src/main/engine/store/open.ts'
import type { Row } from '../bench.ts'
import { CONTENT } from './load/seed.ts'

export interface DownloadOrder {
  urls: string[]
}

const downloaded = z.object({ bytes: z.number(), ms: z.number() })

const AT_ONCE = 200
const SIZE_BYTES = 8_000_000
const ROUNDS = 3
const COMMAND = 'npm run bench downloads'

/** Two hundred devices that download one artifact at a time, against nginx with the same file, and what memory that takes. */
export async function benchDownloads(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-'))
  const child = fork(join(import.meta.dirname, 'load', 'downloads-load.ts'))
  try {
    await using ours = await serve(folder)
    await using peer = await serveByNginx(join(folder, 'artifacts'))
    await rate(child, ours.urls)
    const [settledMb, peak] = [memoryMb(), watchMemory()]
    const [oursRates, peerRates]: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round += 1) {
      oursRates.push(await rate(child, ours.urls))
      peerRates.push(await rate(child, peer.urls))
    }
    return rowsOf(Math.max(...oursRates), Math.max(...peerRates), peak.stop() - settledMb)
  } finally {
    child.kill()
    await rm(folder, { recursive: true })
  }
}

function rowsOf(ours: number, peer: number, growthMb: number): Row[] {
  const what = `${AT_ONCE} downloads of ${SIZE_BYTES / 1_000_000} MB at a time`
  return [
    { what: `${what} (peer: nginx)`, ours, peer, ratio: ours / peer, unit: 'MB/s', command: COMMAND },
    { what: `${what}: memory beyond that of the first round`, ours: growthMb, unit: 'MB', command: COMMAND },
  ]
}

interface Serving extends AsyncDisposable {
  urls: string[]
}

async function serve(folder: string): Promise<Serving> {
  const { clock, files } = nodeHost()
  const now = () => clock.now()
  const store = openStore(join(folder, 'bench.db'))
  const added = { description: '', addedAt: 1, updatedAt: 1, isGenerated: false }
  store.artifacts.add({ id: 'v2', ...added, sizeBytes: SIZE_BYTES, sha256: 'a'.repeat(64), content: CONTENT })
  const check = () => Promise.reject(new Error('unused'))
  const artifactFiles = await openArtifactFiles({ files, store, folder: join(folder, 'artifacts'), check })
  await writeFile(artifactFiles.path('v2'), randomBytes(SIZE_BYTES))
  const ids = Array.from({ length: AT_ONCE }, (_, index) => `device-${index}`)
  const order = { id: 'all', name: 'all', artifactName: 'v2', isForced: false, group: null, createdAt: now() }
  store.deployments.add(
    order,
    ids.map((id) => ({ id, name: id })),
  )
  const server = createServer({
    actions: { store, artifactFiles, now, newId: randomUUID },
    login: openLogin({ store, clock }),
    recordings: recordingsInMemory(store),
  })
  const { http } = await server.start({ http: { host: '127.0.0.1', port: 0 } })
  const tokens = openDeviceTokens({ store, now })
  const base = `${http}/api/devices/v1/deployments/download/all`
  return {
    urls: ids.map((id) => `${base}/${id}/v2?signature=${tokens.signLink(`all ${id} v2`)}`),
    async [Symbol.asyncDispose]() {
      await server.stop(0)
      store.close()
    },
  }
}

/** nginx (`nginx-light` of Debian) with one worker, since ours is one thread. */
async function serveByNginx(root: string): Promise<Serving> {
  const port = await freePort()
  const config = join(root, '..', 'nginx.conf')
  await writeFile(
    config,
    `daemon off; user root; worker_processes 1; pid ${config}.pid; error_log ${config}.log;
     events { worker_connections 1024; }
     http { access_log off; sendfile on; server { listen 127.0.0.1:${port}; root ${root}; } }`,
  )
  const child = spawn('nginx', ['-e', `${config}.log`, '-c', config], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  await Promise.race([sleep(1000), ended.then(() => Promise.reject(new Error('nginx does not run: install nginx-light')))])
  return {
    urls: Array.from({ length: AT_ONCE }, () => `http://127.0.0.1:${port}/v2.mender`),
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}

/** Megabytes per second, all together. */
async function rate(child: ChildProcess, urls: string[]): Promise<number> {
  const answered = once(child, 'message')
  child.send({ urls } satisfies DownloadOrder)
  const [result]: unknown[] = await answered
  const { bytes, ms } = downloaded.parse(result)
  if (bytes !== urls.length * SIZE_BYTES) throw new Error(`${bytes} bytes came`)
  return bytes / 1000 / ms
}

const memoryMb = (): number => process.memoryUsage().rss / 1_000_000

function watchMemory(): { stop(): number } {
  let peak = 0
  const timer = setInterval(() => (peak = Math.max(peak, memoryMb())), 50)
  return {
    stop() {
      clearInterval(timer)
      return peak
    },
  }
}
