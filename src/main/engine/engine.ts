import type { AcceptMode } from '../contract/accept-mode.ts'
import type { SilenceRule } from '../contract/silence.ts'
import { assemble } from './assemble.ts'
import type { Host } from './host.ts'
import type { CertificateChoice } from './server/certificate.ts'
import { keepHouse } from './housekeeping.ts'
import type { Keychain } from './keys/seal.ts'
import { type EngineRouter, createRouter } from './router.ts'
import { ACCEPT_MODE } from './server/device-auth.ts'
import { nearestFree } from './lib/free-port.ts'
import { type Login, ensureAdmin, openLogin } from './server/login.ts'
import { machineUploads, sweepUploads } from './server/machine-uploads.ts'
import { setSilenceRule, watchSilence } from './server/silent-devices.ts'
import { tellWebhooks } from './server/webhooks.ts'
import { mountRpc } from './server/rpc.ts'
import { UI_PATH, mountUi } from './server/ui.ts'
import { holdFolder } from './store/lock.ts'
import { openStore } from './store/open.ts'
import { welcomeBoards } from './welcome-boards.ts'

export interface ListenAddress {
  host: string
  /** 0 lets the system choose. */
  port: number
}

export interface EngineOptions {
  /** Absolute; made when it is not there. One engine at a time uses it. */
  dataFolder: string
  http: ListenAddress | null
  https: ListenAddress | null
  /** Whether one of the next TCP ports will do when the wanted one is taken. */
  isPortFlexible?: boolean
  /** Left as it was when absent. */
  acceptMode?: AcceptMode | undefined
  /** When a device counts as silent; left as it was when absent. */
  silenceRule?: SilenceRule | undefined
  /** Replaces the password of the user admin. */
  adminPassword?: string | undefined
  /** Of the https listener; absent, the bench makes a certificate of its own. */
  certificate?: CertificateChoice
  /** Addresses or networks (CIDR) of reverse proxies on other machines. */
  trustedProxies?: readonly string[]
  /** Whether the library takes artifacts however far they expand. */
  allowExpansion?: boolean | undefined
  /** How long running downloads may take to end when it is closed. */
  graceMs?: number
  /** The built renderer, to serve it to browsers. */
  uiFolder?: string | null
  /** Whether people who have logged in to it use this machine's files, drives and lines as if they sat at it, as far as their roles go. */
  isMachineShared?: boolean | undefined
}

export interface Engine {
  router: EngineRouter
  /** Where it listens, http first; empty when it does not. */
  urls: string[]
  caFile: string | null
  /** The password made for admin at the first start, to be shown once. */
  createdPassword: string | undefined
  /** The page to open in a browser, with a token that logs in; null when it is not served. */
  uiUrl: string | null
  /** Seals private keys with the keychain that the shell opened; null: it has none, and says why. */
  useKeychain(keychain: Keychain | null, why: string): Promise<void>
  close(): Promise<void>
}

/** Opens the data folder, starts the server, brings the virtual bench back. Close it to let go of the folder. */
export async function createEngine(host: Host, options: EngineOptions): Promise<Engine> {
  const { dataFolder, uiFolder = null } = options
  // Recordings of terminals and the secrets of webhooks are nobody else's.
  await host.files.makeFolder(dataFolder, 0o700)
  await using opening = new AsyncDisposableStack()
  opening.use(holdFolder(dataFolder))
  const store = openStore(`${dataFolder}/bench.db`)
  opening.defer(() => store.close())
  const { createdPassword } = await ensureAdmin({ store, clock: host.clock, password: options.adminPassword })
  if (options.acceptMode) store.settings.set(ACCEPT_MODE, options.acceptMode)
  if (options.silenceRule) setSilenceRule(store, options.silenceRule)

  const login = openLogin({ store, clock: host.clock })
  const { parts, server, listening } = await assemble({ host, store, login, options })
  opening.use(parts.browser)
  opening.use(parts.unpacked)
  opening.use(parts.setAside)
  opening.defer(() => parts.boards.close())
  await parts.boards.open()
  const router = createRouter(parts)
  opening.defer(() => parts.flashes.settled())
  opening.defer(() => parts.consoles.closeAll())
  opening.defer(() => parts.jobs.close())
  opening.use(parts.station)
  opening.defer(() => parts.recordings.close())
  opening.defer(() => parts.flashes.beginToClose())
  if (options.http !== null || options.https !== null)
    await listen({ ...{ host, options, parts, server, listening }, router, login }, opening)
  const urls = [listening.http, listening.https].filter((url) => url !== null)
  const resources = opening.move()
  return {
    ...{ router, urls, createdPassword },
    caFile: parts.certificates.current?.caFile ?? null,
    uiUrl: uiFolder !== null && urls[0] ? `${urls[0]}${UI_PATH}#token=${login.adminSession()}` : null,
    useKeychain: (keychain, why) => parts.keyRing.protect(keychain, why),
    close: () => resources.disposeAsync(),
  }
}

type Assembled = Awaited<ReturnType<typeof assemble>> & { host: Host; options: EngineOptions; router: EngineRouter; login: Login }

/** Starts the server and what goes on beside it; what has to end is put on `opening`. */
async function listen({ host, options, parts, server, listening, router, login }: Assembled, opening: AsyncDisposableStack): Promise<void> {
  const { uiFolder = null, isMachineShared = false } = options
  const http = await wanted(options.http, options)
  const https = await wanted(options.https, options)
  const { certificates } = parts
  const tls = https === null ? null : await certificates.open()
  opening.defer(() => server.stop(options.graceMs))
  const uploads = machineUploads({ host, dataFolder: options.dataFolder })
  await sweepUploads(uploads)
  const urls = await server.start({ http, https: https && tls && { ...https, ...tls.listener } }, async (app) => {
    const { sockets } = server
    await mountRpc(app, { router, login, sockets })
    const { store, now } = parts.actions
    if (uiFolder !== null) await mountUi(app, { router, login, sockets, folder: uiFolder, isMachineShared, uploads, store, now })
  })
  Object.assign(listening, urls, { hosts: { http: http?.host, https: https?.host } })
  const closing = new AbortController()
  opening.defer(() => closing.abort())
  const { store, logDefect: onDefect } = parts
  void keepHouse({ store, artifactFiles: parts.actions.artifactFiles, clock: host.clock, onDefect }, closing.signal)
  void tellWebhooks({ store, clock: host.clock, onDefect }, closing.signal)
  void watchSilence({ store, clock: host.clock, onDefect }, closing.signal)
  certificates.onChange = ({ listener }) => server.renewTls(listener)
  if (tls) void certificates.watch(onDefect, closing.signal)
  void welcomeBoards(parts, closing.signal)
  opening.defer(() => parts.bench.stop())
  await parts.bench.restore()
  await parts.boards.restore()
}

/** The address to listen on. */
async function wanted(address: ListenAddress | null, { isPortFlexible = false }: EngineOptions): Promise<ListenAddress | null> {
  return address !== null && isPortFlexible ? nearestFree(address) : address
}
