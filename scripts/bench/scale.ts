import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeHost } from '../../src/main/engine/host.node.ts'
import { openDeviceTokens } from '../../src/main/engine/server/device-token.ts'
import { ADMIN } from '../../src/main/contract/users.ts'
import { ensureAdmin, openLogin } from '../../src/main/engine/server/login.ts'
import { recordingsInMemory } from '../../src/main/engine/server/recordings.cases.ts'
import { createServer } from '../../src/main/engine/server/server.ts'
import { openArtifactFiles } from '../../src/main/engine/store/artifact-files.ts'
import { openStore } from '../../src/main/engine/store/open.ts'
import type { Row } from '../bench.ts'
import { seededIds } from './load/seed.ts'
import { BODY, type LoadResult, PATH, loadOn, p99 } from './polls.ts'

const SIZE = Number(process.env['DEVICES'] ?? 1_000_000)
const PER_SECOND = Number(process.env['POLLS'] ?? 600)
const PASSWORD = 'bench:password'
const MEGABYTE = 1_000_000

/** Searches that a person makes, each for one page of twenty. */
const SEARCHES = {
  'a page of all': {},
  'a page of one site (1 of 1,000)': { filters: [{ scope: 'inventory', attribute: 'site', type: '$eq', value: 'site-7' }] },
  'a page of one serial number': { filters: [{ scope: 'inventory', attribute: 'serial', type: '$eq', value: 'SN-77' }] },
  'a page of a type that all have': { filters: [{ scope: 'inventory', attribute: 'device_type', type: '$eq', value: 'board' }] },
  'a page sorted by serial number': { sort: [{ scope: 'inventory', attribute: 'serial', order: 'desc' }] },
  'a page above a number (half)': { filters: [{ scope: 'inventory', attribute: 'load', type: '$gt', value: '49' }] },
  'a page by a text in any attribute': { text: 'SN-777' },
}

/** The server with a million devices (or `DEVICES`) while they poll (600 a second, or `POLLS`). */
export async function benchScale(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-'))
  const child = fork(join(import.meta.dirname, 'load', 'polls-load.ts'))
  try {
    return await measure(folder, child)
  } finally {
    child.kill()
    await rm(folder, { recursive: true })
  }
}

async function measure(folder: string, child: ChildProcess): Promise<Row[]> {
  const path = join(folder, 'bench.db')
  execFileSync(process.execPath, [join(import.meta.dirname, 'load', 'seed.ts'), path, String(SIZE)])
  const { clock, files } = nodeHost()
  const now = () => clock.now()
  const store = openStore(path)
  const check = () => Promise.reject(new Error('unused'))
  const artifactFiles = await openArtifactFiles({ files, store, folder: join(folder, 'artifacts'), check })
  const login = openLogin({ store, clock })
  await ensureAdmin({ store, clock, password: PASSWORD })
  const token = await login.login(ADMIN, PASSWORD, { address: 'bench', isLong: true })
  const tokens = openDeviceTokens({ store, now })
  const sent = seededIds(path, 20_000).map((id) => tokens.issue({ id: `${id}-key`, deviceId: id }))
  const server = createServer({ actions: { store, artifactFiles, now, newId: randomUUID }, login, recordings: recordingsInMemory(store) })
  const { http } = await server.start({ http: { host: '127.0.0.1', port: 0 } })
  const port = Number(new URL(http ?? '').port)
  const poll = (ms: number) => loadOn(child, { host: '127.0.0.1', port, path: PATH, tokens: sent, body: BODY, ms, perSecond: PER_SECOND })
  const call = (route: string, body: unknown) => post(`${http}/api/management${route}`, token, body)
  await poll(2000)
  const rows = [pollRow('p99', await poll(8000))]
  for (const [what, search] of Object.entries(SEARCHES))
    rows.push(await searchRow(what, () => call('/v2/inventory/filters/search', search)))
  rows.push(...(await deploymentRows(poll, call)))
  rows.push(rowOf('resident memory after it all', process.memoryUsage().rss / MEGABYTE, 'MB'))
  await server.stop(0)
  store.close()
  rows.push(rowOf('database with one deployment to all', (await stat(path)).size / 2 ** 30, 'GiB'))
  return rows
}

const rowOf = (what: string, ours: number, unit: string): Row => ({
  what: `${what}, ${SIZE.toLocaleString('en')} devices stored`,
  ...{ ours, unit, command: SIZE === 1_000_000 ? 'npm run bench scale' : `DEVICES=${SIZE} npm run bench scale` },
})

function pollRow(what: 'p99' | 'slowest', result: LoadResult): Row {
  const ms = what === 'p99' ? p99([result]) : (result.latencies.at(-1) ?? Number.NaN)
  return rowOf(`${what} of an idle poll at ${PER_SECOND} a second`, ms, 'ms')
}

async function searchRow(what: string, search: () => Promise<void>): Promise<Row> {
  await search()
  const startedAt = performance.now()
  await search()
  return rowOf(`inventory search: ${what}`, performance.now() - startedAt, 'ms')
}

type Call = (route: string, body: unknown) => Promise<void>

/** Polls go on while the deployment is made. Its artifact suits no device that asks, so that all of them are answered 204. */
async function deploymentRows(poll: (ms: number) => Promise<LoadResult>, call: Call): Promise<Row[]> {
  const polling = poll(12_000)
  const startedAt = performance.now()
  // Not due before tomorrow: whoever asks is told that there is nothing yet.
  const startsAt = new Date(Date.now() + 86_400_000).toISOString()
  const order = { name: 'all', artifact_name: 'v2', all_devices: true, phases: [{ start_ts: startsAt }] }
  await call('/v2/deployments/deployments', order)
  const tookMs = performance.now() - startedAt
  const polled = await polling
  const slowest = pollRow('slowest', polled)
  return [
    rowOf('a deployment to all is created', tookMs / 1000, 's'),
    { ...slowest, what: `${slowest.what}, while a deployment to all is created` },
  ]
}

async function post(url: string, token: string, body: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  await answer.arrayBuffer()
}
