import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { authStatus } from '../../contract/devices.ts'
import type { Store } from '../store/open.ts'
import type { Login } from './login.ts'
import { requireUser } from './management-guard.ts'
import type { Transfers } from './transfers.ts'

/** Where Prometheus finds the figures; like the management API it asks for a token. */
export const METRICS_PATH = '/metrics'

interface Measured {
  store: Store
  transfers: Transfers
  now: () => number
}

/** The figures of one server, in Prometheus' names and units. What the database knows is asked when they are fetched, and costs a poll nothing. */
export function createMetrics(measured: Measured) {
  const answers = countAnswers()
  const made: { registry?: Promise<Registry> } = {}
  return {
    answered: answers.count,
    /** What is written is loaded when somebody fetches it for the first time. */
    async page(): Promise<{ contentType: string; text: string }> {
      const registry = await (made.registry ??= registryOf(measured, answers))
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

async function registryOf({ store, transfers, now }: Measured, answers: Answers): Promise<Registry> {
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  /** A figure that is looked up when it is asked for. */
  const gauge = (name: string, help: string, look: () => number): void => {
    const collect = (): void => made.set(look())
    const made = new Gauge({ name, help, registers, collect })
  }
  /** The same for a figure that only grows while the server runs. */
  const counter = (name: string, help: string, look: () => number): void => {
    const collect = (): void => {
      made.reset()
      made.inc(look())
    }
    const made = new Counter({ name, help, registers, collect })
  }
  const byStatus = (name: string, help: string, look: () => Iterable<readonly [string, number]>): void => {
    const collect = (): void => {
      made.reset()
      for (const [status, count] of look()) made.inc({ status }, count)
    }
    const made = new Gauge({ name, help, labelNames: ['status'], registers, collect })
  }
  const requests = new Counter({
    name: 'otabench_http_requests_total',
    help: 'Requests answered, by interface (device, management, bench, other) and class of HTTP status.',
    labelNames: ['interface', 'status'],
    registers,
    collect() {
      requests.reset()
      for (const { name, status, count } of answers.all()) requests.inc({ interface: name, status }, count)
    },
  })
  counter('otabench_download_bytes_total', 'Bytes of artifacts sent to devices.', () => transfers.sentBytes)
  counter('process_cpu_seconds_total', 'Processor time that the server has used.', cpuSeconds)
  gauge('otabench_downloads_open', 'Downloads that are being sent.', () => transfers.openCount)
  gauge('otabench_artifacts', 'Artifacts in the library.', () => store.artifacts.list().length)
  gauge('process_resident_memory_bytes', 'Memory of the server that is in RAM.', () => process.memoryUsage.rss())
  gauge('otabench_time_seconds', 'The clock of the server, to compare with that of its devices.', () => now() / 1000)
  byStatus('otabench_devices', 'Devices known, by status.', () =>
    authStatus.options.map((status) => [status, store.devices.count(status)] as const),
  )
  byStatus('otabench_device_deployments', 'Devices of unfinished deployments, by status.', () =>
    store.deployments.active().flatMap(({ statistics }) => Object.entries(statistics)),
  )
  return registry
}

export type Metrics = ReturnType<typeof createMetrics>

/** Counts what `app` answers, and shows the figures to who holds a token. */
export async function mountMetrics(app: FastifyInstance, { metrics, login }: { metrics: Metrics; login: Login }): Promise<void> {
  app.addHook('onResponse', ({ url }, { statusCode }, done) => {
    metrics.answered(url, statusCode)
    done()
  })
  await app.register(async (scope) => {
    scope.decorateRequest('visitor', null)
    scope.addHook('onRequest', requireUser(login))
    scope.get(METRICS_PATH, async (_request, reply) => {
      const { contentType, text } = await metrics.page()
      return reply.type(contentType).send(text)
    })
  })
}

const INTERFACES = { device: '/api/devices/', management: '/api/management/', bench: '/api/bench/', other: '' } as const
const interfaces = Object.entries(INTERFACES)

/** Counts answers in plain numbers, as each poll is one: by interface, then by class of status. */
function countAnswers() {
  const counts = interfaces.map(() => new Map<number, number>())
  return {
    count(url: string, status: number): void {
      const ofInterface = counts[interfaces.findIndex(([, prefix]) => url.startsWith(prefix))]
      const hundreds = Math.floor(status / 100)
      ofInterface?.set(hundreds, (ofInterface.get(hundreds) ?? 0) + 1)
    },
    all: () =>
      interfaces.flatMap(([name], index) =>
        [...(counts[index] ?? [])].map(([hundreds, count]) => ({ name, status: `${hundreds}xx`, count })),
      ),
  }
}

type Answers = ReturnType<typeof countAnswers>

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
