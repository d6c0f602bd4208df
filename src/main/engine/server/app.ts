import { randomUUID } from 'node:crypto'
import { createServer as createHttpsServer } from 'node:https'
import Fastify, { type FastifyInstance } from 'fastify'
import { AppError, toAppError } from '../../contract/errors.ts'
import { createServer as createHttpServer } from '../lib/http.ts'
import { acceptWebsockets } from './accept-websockets.ts'
import { registerDeviceApi } from './device-api.ts'
import type { DeviceParts } from './device-parts.ts'
import { registerManagement } from './management.ts'
import { type Metrics, createMetrics, mountMetrics } from './metrics.ts'
import { openPatience } from './patience.ts'
import { answerFrameworkProblem, answerProblems } from './problem.ts'
import type { Mount, ServerParts, ServerTls } from './server.ts'

/** Above the 90 s for which Go clients keep idle connections, so that none is closed under a request. */
const KEEP_ALIVE_MS = 120_000

/** Input is parsed by zod, and answers are written as they are: what fastify brings for schemas of its own is not loaded. */
const NO_SCHEMAS = {
  compilersFactory: {
    buildValidator: () => () => {
      throw new AppError('INTERNAL', 'Routes have no schemas for their input')
    },
    buildSerializer: () => () => {
      throw new AppError('INTERNAL', 'Routes have no schemas for their answers')
    },
  },
}

type AppParts = ServerParts & { device: DeviceParts }

/** Makes the app of one listener, with all routes; over https with `tls`. */
export type BuildApp = (mount: Mount, tls: ServerTls | null) => Promise<FastifyInstance>

/** All its apps count into the same figures. */
export function appBuilder(parts: AppParts): BuildApp {
  const { store, transfers, now } = parts.device
  const metrics = createMetrics({ store, transfers, now })
  return (mount, tls) => buildApp({ ...parts, metrics }, mount, tls)
}

async function buildApp(parts: AppParts & { metrics: Metrics }, mount: Mount, tls: ServerTls | null): Promise<FastifyInstance> {
  const { actions, login, recordings, device, metrics, onDefect } = parts
  const patience = openPatience()
  const app = Fastify({
    genReqId: () => randomUUID(),
    schemaController: NO_SCHEMAS,
    frameworkErrors: answerFrameworkProblem,
    trustProxy: ['loopback', ...(parts.trustedProxies ?? [])],
    clientErrorHandler: patience.answerClientError,
    // A group's name may have 1024 characters.
    routerOptions: { maxParamLength: 1024 },
    serverFactory: (handler) => {
      const limits = { ...patience.limits, keepAliveTimeout: KEEP_ALIVE_MS }
      return tls ? createHttpsServer({ ...limits, ...tls, requestCert: tls.ca !== undefined }, handler) : createHttpServer(limits, handler)
    },
  })
  answerProblems(app)
  patience.watchUploads(app)
  await acceptWebsockets(app)
  app.addHook('onError', async (_request, _reply, thrown) => {
    const error = toAppError(thrown)
    if (error.code === 'INTERNAL' && thrown.statusCode === undefined) onDefect?.(error)
  })
  app.get('/healthz', async () => ({ status: 'ok' }))
  await mountMetrics(app, { metrics, login })
  registerDeviceApi(app, device)
  registerManagement(app, { ...actions, login, recordings, lines: device.lines, sockets: device.sockets })
  await mount(app)
  await app.ready()
  return app
}
