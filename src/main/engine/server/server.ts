import { Server as HttpsServer } from 'node:https'
import type { FastifyInstance } from 'fastify'
import { DeviceLines } from '../connect/lines.ts'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { ActionParts } from './actions.ts'
import type { BuildApp } from './app.ts'
import type { DeviceParts } from './device-parts.ts'
import { openDeviceTokens } from './device-token.ts'
import { DownloadRates } from './download-rates.ts'
import { endSliceBySlice } from './end-deployments.ts'
import type { Login } from './login.ts'
import type { Recordings } from './recordings.ts'
import { Transfers } from './transfers.ts'
import { SocketWatch } from './websocket-pipe.ts'

export interface ServerParts {
  actions: ActionParts
  login: Login
  recordings: Recordings
  /** Addresses or networks (CIDR), besides this machine itself, whose X-Forwarded-… headers say how a request came in. */
  trustedProxies?: readonly string[] | undefined
  /** Told of every failure that should not have happened. */
  onDefect?: (error: AppError) => void
}

export interface ServerAddresses {
  http?: { host: string; port: number } | null
  https?: ({ host: string; port: number } & ServerTls) | null
}

/** What an https listener shows, all PEM text. With `ca` it asks every client for a certificate of that authority. */
export interface ServerTls {
  key: string
  cert: string
  ca?: string | undefined
}

/** What else the engine serves, put into each listener's app before it listens. */
export type Mount = (app: FastifyInstance) => Promise<void> | void

/** How long a listener waits at its end for running downloads; clients resume what is cut. */
const GRACE_MS = 3000
const TICK_MS = 100
/** How often lists of devices are drawn anew, because devices were heard, and though none was: time passing makes a device late. */
const TICKS = { heard: 10, passing: 50, search: 50 }
/** How often the log of the database is looked at. */
const TICKS_TO_CHECKPOINT = 5

/** The server: device API, management API and what is mounted, the same over http and https. */
export function createServer(parts: ServerParts) {
  const { actions, onDefect } = parts
  const { store, now } = actions
  const transfers = new Transfers()
  const rates = new DownloadRates(actions)
  const lines = new DeviceLines(actions)
  const sockets = new SocketWatch(store.changes.credentials)
  const device: DeviceParts = { ...actions, transfers, rates, lines, sockets, tokens: openDeviceTokens({ store, now }) }
  const running: FastifyInstance[] = []
  const clock: { timer?: NodeJS.Timeout } = {}
  const build = builderOf({ ...parts, device })

  async function listen(mount: Mount, { host, port }: { host: string; port: number }, tls: ServerTls | null): Promise<string> {
    const app = await build(mount, tls)
    running.push(app)
    try {
      await app.listen({ host, port })
      return urlOf(app, tls ? 'https' : 'http')
    } catch (thrown) {
      throw listenFailure(thrown, `${host}:${port}`)
    }
  }

  return {
    transfers,
    rates,
    lines,
    sockets,
    /** An app with all routes that does not listen; for tests. */
    app: () => build(() => undefined, null),
    /** Listens where it is told (port 0: the system chooses) and answers the addresses. PORT_IN_USE, PERMISSION. */
    async start(
      { http = null, https = null }: ServerAddresses,
      mount: Mount = () => undefined,
    ): Promise<{ http: string | null; https: string | null }> {
      const urls = {
        http: http && (await listen(mount, http, null)),
        https: https && (await listen(mount, https, https)),
      }
      clock.timer = setInterval(ticking(actions, onDefect), TICK_MS)
      return urls
    },
    /** Shows another certificate to whoever connects from now on. */
    renewTls(tls: ServerTls): void {
      for (const { server } of running) if (server instanceof HttpsServer) server.setSecureContext(tls)
    },
    /** Takes no more requests, lets downloads end for a moment, cuts the rest, and writes what is in memory. */
    async stop(graceMs = GRACE_MS): Promise<void> {
      clearInterval(clock.timer)
      await Promise.all(running.splice(0).map((app) => close(app, graceMs)))
      sockets.stop()
      // A connection that is cut ends its download a moment later, with a last line in the timeline.
      await transfers.idle()
      store.lastSeen.flush()
      await store.search.stop()
      await store.checkpoints.stop()
    },
  }
}

export type Server = ReturnType<typeof createServer>

/** What serves is loaded when somebody is to be served: most command lines do without. */
function builderOf(parts: ServerParts & { device: DeviceParts }): BuildApp {
  const apps: { build?: BuildApp } = {}
  return async (mount, tls) => {
    const { appBuilder } = await import('./app.ts')
    apps.build ??= appBuilder(parts)
    return apps.build(mount, tls)
  }
}

/** What is due each moment. Nobody waits for it, so a failure (a full disk) is told and tried again. */
function ticking({ store, now }: ActionParts, onDefect: ServerParts['onDefect']): () => void {
  const { lastSeen, changes, checkpoints, search, ending } = store
  const ticks = { count: 0, isEnding: false }
  const tell = (thrown: unknown): void => onDefect?.(toAppError(thrown))

  async function endDeployments(): Promise<void> {
    ticks.isEnding = true
    try {
      for (const id of ending.all()) await endSliceBySlice({ store, now }, id)
    } catch (thrown) {
      tell(thrown)
    } finally {
      ticks.isEnding = false
    }
  }

  return () => {
    ticks.count += 1
    if (ticks.count % TICKS.heard === 0 && !lastSeen.announce() && ticks.count % TICKS.passing === 0) changes.devices.bump()
    try {
      lastSeen.writeDue(now())
      if (ticks.count % TICKS_TO_CHECKPOINT === 0) checkpoints.tick()
      if (ticks.count % TICKS.search === 0) search.tick()
      if (!ticks.isEnding) void endDeployments()
    } catch (thrown) {
      tell(thrown)
    }
  }
}

async function close(app: FastifyInstance, graceMs: number): Promise<void> {
  const cut = setTimeout(() => {
    app.server.closeAllConnections()
    for (const socket of app.websocketServer.clients) socket.terminate()
  }, graceMs)
  try {
    await app.close()
  } finally {
    clearTimeout(cut)
  }
}

/** Listening on all addresses, the URL names this machine. */
function urlOf({ server }: FastifyInstance, scheme: 'http' | 'https'): string {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new AppError('INTERNAL', `The server is bound to ${bound}`)
  const isAny = bound.address === '0.0.0.0' || bound.address === '::'
  const name = isAny ? '127.0.0.1' : bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
  return `${scheme}://${name}:${bound.port}`
}

function listenFailure(thrown: unknown, where: string): AppError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : ''
  if (code === 'EADDRINUSE')
    return new AppError(
      'PORT_IN_USE',
      `Something listens on ${where} already`,
      'Choose another TCP port, or stop what listens there.',
      thrown,
    )
  if (code === 'EACCES')
    return new AppError('PERMISSION', `This user may not listen on ${where}`, 'Choose a TCP port from 1024 on.', thrown)
  if (code === 'EADDRNOTAVAIL')
    return new AppError('BAD_INPUT', `This machine has no address ${where}`, 'Choose one of its own addresses, or 0.0.0.0.', thrown)
  return toAppError(thrown)
}
