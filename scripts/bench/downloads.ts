import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { BenchProcess } from '../../e2e/clients/bench-process.ts'
import { freePort } from '../../src/main/engine/lib/free-port.cases.ts'
import { openDeviceTokens } from '../../src/main/engine/server/device-token.ts'
import { openStore } from '../../src/main/engine/store/open.ts'
import type { Row } from '../bench.ts'
import { residentBytes } from '../process-memory.ts'
import { CONTENT } from './load/seed.ts'

export interface DownloadOrder {
  urls: string[]
}

const downloaded = z.object({ bytes: z.number(), ms: z.number() })

const AT_ONCE = 200
const SIZE_BYTES = 8_000_000
const MEGABYTE = 1_000_000
const ROUNDS = 3
const COMMAND = 'npm run bench downloads'

/** Two hundred devices that download one artifact at a time from `otabench serve`, as it is built, against nginx with the same file, and what memory that takes. */
export async function benchDownloads(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-'))
  const child = fork(join(import.meta.dirname, 'load', 'downloads-load.ts'))
  try {
    const links = await seed(folder)
    await using bench = await BenchProcess.start('none', folder)
    const urls = links.map((link) => `${bench.http}${link}`)
    await using peer = await serveByNginx(join(folder, 'artifacts'))
    const [before, peak] = [await residentBytes(bench.pid), watchMemory(bench.pid)]
    await rate(child, urls)
    const [oursRates, peerRates]: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round += 1) {
      oursRates.push(await rate(child, urls))
      peerRates.push(await rate(child, peer.urls))
    }
    return rowsOf(Math.max(...oursRates), Math.max(...peerRates), (peak.stop() - before) / MEGABYTE)
  } finally {
    child.kill()
    await rm(folder, { recursive: true })
  }
}

function rowsOf(ours: number, peer: number, memoryMb: number): Row[] {
  const what = `${AT_ONCE} downloads of ${SIZE_BYTES / MEGABYTE} MB at a time`
  return [
    { what: `${what} (peer: nginx)`, ours, peer, ratio: ours / peer, unit: 'MB/s', command: COMMAND },
    { what: `${what}, ${ROUNDS + 1} times: memory that they take, at most`, ours: memoryMb, unit: 'MB', command: COMMAND },
  ]
}

interface Serving extends AsyncDisposable {
  urls: string[]
}

/** A data folder with devices that an artifact is deployed to; answers the link under which each of them downloads it. */
async function seed(folder: string): Promise<string[]> {
  await mkdir(join(folder, 'artifacts'))
  await writeFile(join(folder, 'artifacts', 'v2.mender'), randomBytes(SIZE_BYTES))
  const store = openStore(join(folder, 'bench.db'))
  const at = Date.now()
  const added = { description: '', addedAt: at, updatedAt: at, isGenerated: false }
  store.artifacts.add({ id: 'v2', ...added, sizeBytes: SIZE_BYTES, sha256: 'a'.repeat(64), content: CONTENT })
  const devices = Array.from({ length: AT_ONCE }, (_, index) => ({ id: `device-${index}`, name: `device-${index}` }))
  for (const { id } of devices) store.devices.add({ id, identityHash: id, identity: { mac: id }, createdAt: at })
  store.deployments.add({ id: 'all', name: 'all', artifactName: 'v2', isForced: false, group: null, createdAt: at }, devices)
  const { signLink } = openDeviceTokens({ store, now: () => at })
  store.close()
  return devices.map(({ id }) => `/api/devices/v1/deployments/download/all/${id}/v2?signature=${signLink(`all ${id} v2`)}`)
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

/** The most that the process holds from now on, in bytes. */
function watchMemory(pid: number): { stop(): number } {
  let peak = 0
  const look = async (): Promise<void> => {
    peak = Math.max(peak, await residentBytes(pid))
  }
  const timer = setInterval(() => void look(), 50)
  return {
    stop() {
      clearInterval(timer)
      return peak
    },
  }
}
