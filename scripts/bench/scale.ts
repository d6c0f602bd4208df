import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BenchProcess } from '../../e2e/clients/bench-process.ts'
import { openDeviceTokens } from '../../src/main/engine/server/device-token.ts'
import { openStore } from '../../src/main/engine/store/open.ts'
import type { Row } from '../bench.ts'
import { residentBytes } from '../process-memory.ts'
import { seededIds } from './load/seed.ts'
import { BODY, type LoadResult, PATH, loadOn, p99 } from './polls.ts'

const SIZE = Number(process.env['DEVICES'] ?? 1_000_000)
const PER_SECOND = Number(process.env['POLLS'] ?? 600)
const MEGABYTE = 1_000_000

const inventory = (attribute: string, type: string, value: unknown) => ({ scope: 'inventory', attribute, type, value })
const by = (attribute: string, order: 'asc' | 'desc' = 'asc', scope = 'inventory') => ({ scope, attribute, order })
const ACCEPTED = { scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' }
const UNGROUPED = { scope: 'system', attribute: 'group', type: '$exists', value: false }

/** Searches that a person makes, each for one page of twenty and how many there are in all. */
const SEARCHES = {
  all: {},
  'one site (1 of 1,000)': { filters: [inventory('site', '$eq', 'site-7')] },
  'one serial number': { filters: [inventory('serial', '$eq', 'SN-77')] },
  'a type that all have': { filters: [inventory('device_type', '$eq', 'board')] },
  'above a number (half)': { filters: [inventory('load', '$gt', '49')] },
  'a pattern of sites above a number': { filters: [inventory('site', '$regex', '^site-9'), inventory('load', '$gt', 49)] },
  'a pattern of serial numbers': { filters: [inventory('serial', '$regex', '77$')] },
  'two patterns over all, by serial number': {
    filters: [inventory('serial', '$regex', '7'), { ...inventory('mac', '$regex', 'a'), scope: 'identity' }],
    sort: [by('serial', 'desc')],
  },
  'half of the serial numbers, by address': { filters: [inventory('serial', '$gt', 'SN-500000')], sort: [by('mac', 'asc', 'identity')] },
  'three sites below a number': { filters: [inventory('site', '$in', ['site-1', 'site-2', 'site-3']), inventory('load', '$lt', 20)] },
  'accepted, without group, not one site, by site': {
    filters: [ACCEPTED, UNGROUPED, inventory('site', '$ne', 'site-7')],
    sort: [by('site')],
  },
  'all but two, by site, load and serial number': {
    filters: [inventory('serial', '$nin', ['SN-77', 'SN-78'])],
    sort: [by('site'), by('load', 'desc'), by('serial')],
  },
  'by serial number, page 45,001': { sort: [by('serial')], page: 45_001 },
  'above a number, by number, page 20,001': { filters: [inventory('load', '$gte', 10)], sort: [by('load')], page: 20_001 },
  'above a number, the newest': { filters: [inventory('load', '$gt', 49)], sort: [by('created_ts', 'desc', 'system')] },
  'a text in any attribute': { text: 'SN-777' },
  'a text that all hold': { text: 'sn-' },
  'a text of two letters': { text: '77' },
}
/** How often each is made. */
const TIMES = 5
/** About as long as all of them take. */
const SEARCHED_MS = 8000

/** `otabench serve`, as it is built, with a million devices (or `DEVICES`) while they poll (600 a second, or `POLLS`). */
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
  const tokens = someTokens(path)
  const rows = await measureServer(folder, { child, tokens })
  return [...rows, rowOf('database with one deployment to all', (await stat(path)).size / 2 ** 30, 'GiB')]
}

/** Of devices that are spread over all. */
function someTokens(path: string): string[] {
  const store = openStore(path)
  try {
    const tokens = openDeviceTokens({ store, now: () => Date.now() })
    return seededIds(path, 20_000).map((id) => tokens.issue({ id: `${id}-key`, deviceId: id }))
  } finally {
    store.close()
  }
}

/** The server has ended when it answers. */
async function measureServer(folder: string, { child, tokens }: { child: ChildProcess; tokens: string[] }): Promise<Row[]> {
  await using bench = await BenchProcess.start('none', folder)
  const { hostname: host, port } = new URL(bench.http)
  const poll = (ms: number) => loadOn(child, { host, port: Number(port), path: PATH, tokens, body: BODY, ms, perSecond: PER_SECOND })
  await poll(2000)
  const rows = [pollRow('p99', await poll(8000))]
  rows.push(...(await searchRows(poll, async (search) => void (await bench.post('v2/inventory/filters/search', search)))))
  rows.push(...(await deploymentRows(poll, bench)))
  rows.push(rowOf('resident memory after it all', (await residentBytes(bench.pid)) / MEGABYTE, 'MB'))
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

/** Polls go on meanwhile. The first search finds the index not yet there. */
async function searchRows(poll: (ms: number) => Promise<LoadResult>, search: (body: unknown) => Promise<void>): Promise<Row[]> {
  const timed = async (body: unknown): Promise<number> => {
    const startedAt = performance.now()
    await search(body)
    return performance.now() - startedAt
  }
  const rows = [rowOf('inventory search: the first after the start', (await timed({ sort: [by('serial')] })) / 1000, 's')]
  await timed({ text: 'sn-' })
  const polling = poll(SEARCHED_MS)
  for (const [what, body] of Object.entries(SEARCHES)) {
    const times: number[] = []
    for (let time = 0; time < TIMES; time += 1) times.push(await timed(body))
    rows.push(rowOf(`inventory search, slowest of ${TIMES}: ${what}`, Math.max(...times), 'ms'))
  }
  const polled = pollRow('p99', await polling)
  return [...rows, { ...polled, what: `${polled.what}, while devices are searched` }]
}

/** Polls go on while the deployment is made. Its artifact suits no device that asks, so that all of them are answered 204. */
async function deploymentRows(poll: (ms: number) => Promise<LoadResult>, bench: BenchProcess): Promise<Row[]> {
  const polling = poll(12_000)
  const startedAt = performance.now()
  // Not due before tomorrow: whoever asks is told that there is nothing yet.
  const startsAt = new Date(Date.now() + 86_400_000).toISOString()
  const order = { name: 'all', artifact_name: 'v2', all_devices: true, phases: [{ start_ts: startsAt }] }
  await bench.post('v2/deployments/deployments', order)
  const tookMs = performance.now() - startedAt
  const polled = await polling
  const slowest = pollRow('slowest', polled)
  return [
    rowOf('a deployment to all is created', tookMs / 1000, 's'),
    { ...slowest, what: `${slowest.what}, while a deployment to all is created` },
  ]
}
