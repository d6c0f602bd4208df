import { randomUUID } from 'node:crypto'
import { type AppError, toAppError } from '../contract/errors.ts'
import { acceptMode } from '../contract/accept-mode.ts'
import type { ServerStatus } from '../contract/server.ts'
import { associationsOf } from './association-parts.ts'
import { libraryCheck } from './artifact/read.ts'
import { Boards } from './boards/boards.ts'
import { PayloadBrowser } from './contents/browser.ts'
import { Terminals } from './connect/terminal.ts'
import { consolesOf } from './console-parts.ts'
import { createVirtualBench } from './device/bench.ts'
import { examine } from './doctor/examine.ts'
import { createDrives } from './drives/drives.ts'
import { udisksProblem } from './drives/udisks.ts'
import { hasHelper } from './drives/writer-command.ts'
import { Flashes } from './flash/flashes.ts'
import { UnpackedImages } from './flash/unpacked-images.ts'
import { normaliseIdentity } from './fleet/identity.ts'
import type { Host } from './host.ts'
import { JobRunner } from './jobs/runner.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { lanUrls } from './lan-urls.ts'
import { openStation } from './open-station.ts'
import type { EngineParts } from './parts.ts'
import { provisionsOf } from './provision-parts.ts'
import type { ActionParts } from './server/actions.ts'
import { CertificateKeeper } from './server/certificate-keeper.ts'
import type { CertificateChoice } from './server/certificate.ts'
import { ACCEPT_MODE } from './server/device-auth.ts'
import { untilChanged } from './lib/changes.ts'
import { isFree } from './lib/free-port.ts'
import { Recordings } from './server/recordings.ts'
import { silenceRuleOf } from './server/silent-devices.ts'
import { createServer } from './server/server.ts'
import type { Login } from './server/login.ts'
import { openArtifactFiles } from './store/artifact-files.ts'
import type { StoredDevice } from './store/devices.ts'
import type { Store } from './store/open.ts'
import { openSetAside } from './store/set-aside.ts'
import type { NewTimelineEntry } from './store/timeline.ts'
import { topologiesOf } from './topology-parts.ts'
import { ofBoard, ofSimulated } from './views/observation.ts'

/** The virtual boards poll often enough for eyes to follow. */
const BENCH_INTERVALS = { pollMs: 2500, retryMs: 1500, resumeMs: 5000 }

interface Ground {
  host: Host
  store: Store
  login: Login
  options: {
    dataFolder: string
    trustedProxies?: readonly string[]
    allowExpansion?: boolean | undefined
    certificate?: CertificateChoice
  }
}

/** Where the server listens, as asked for and as it came to be. */
interface Listening {
  http: string | null
  https: string | null
  hosts: { http?: string | undefined; https?: string | undefined }
}

/** An engine's parts, put together; the server does not listen yet. */
export async function assemble({ host, store, login, options }: Ground) {
  const { dataFolder, trustedProxies, allowExpansion, certificate: fixed = {} } = options
  const artifactFolder = `${dataFolder}/artifacts`
  const now = () => host.clock.now()
  const keyRing = createKeyRing({ store, host, folder: `${dataFolder}/keys` })
  const verificationKeys = () => keyRing.list().map(({ name, publicKeyPem }) => ({ name, publicKeyPem }))
  const artifactFiles = await openArtifactFiles({
    files: host.files,
    store,
    ...{ folder: artifactFolder, allowExpansion },
    check: libraryCheck(verificationKeys),
  })
  const actions: ActionParts = { store, artifactFiles, now, newId: randomUUID }
  const folder = `${dataFolder}/recordings`
  const recordings = new Recordings({ store, files: host.files, clock: host.clock, newId: randomUUID, folder, onDefect: logDefect })
  const server = createServer({ actions, login, recordings, trustedProxies, onDefect: logDefect })
  const listening: Listening = { http: null, https: null, hosts: {} }
  const certificates = new CertificateKeeper({ host, store, folder: `${dataFolder}/tls`, fixed })
  const bench = benchOf({ host, store, dataFolder, listening, certificates, verificationKeys })
  const { boards, boardSources } = boardsOf({ host, store, dataFolder, listening, transferOf: (id) => server.transfers.get(id) })
  const drives = await drivesAndFlashes({ host, store, dataFolder, boards }, () =>
    [listening.http, listening.https].filter((url) => url !== null),
  )
  const sources: EngineParts['sources'] = {
    ...{ store, now, observe: observing({ bench, boards, store }) },
    silence: untilChanged(store.changes.settings, () => silenceRuleOf(store)),
    tailOf: (id) => drives.consoles.tailOf(id),
    transferOf: (id) => server.transfers.get(id),
    connectionOf: (id) => server.lines.stateOf(id),
  }
  const parts: EngineParts = {
    ...{ host, store, keyRing, bench, boards, boardSources, actions, artifactFolder, verificationKeys },
    ...{ login, certificates, recordings, sources, ...drives },
    associations: await associationsOf(host, import.meta.dirname),
    topologies: topologiesOf({ host, store, sources, ...drives }),
    provisions: provisionsOf({ host, dataFolder, keyRing, actions, sources, ...drives }),
    station: openStation({
      ...{ host, keyRing, actions, dataFolder, newId: randomUUID, jobs: drives.jobs, drives: drives.drives },
      onDefect: (thrown) => logDefect(toAppError(thrown)),
    }),
    browser: new PayloadBrowser({
      ...{ files: host.files, clock: host.clock },
      folder: `${artifactFolder}/tmp/browsed`,
      pathOf: artifactFiles.path,
    }),
    setAside: openSetAside({ files: host.files, store, clock: host.clock, artifactFiles, folder: `${artifactFolder}/tmp` }),
    changes: { ...store.changes, transfers: server.transfers.changes, simulated: bench.changes, connections: server.lines.changes },
    lines: server.lines,
    rates: server.rates,
    terminals: new Terminals(server.lines),
    dataFolder,
    boardFolder: `${dataFolder}/boards`,
    benchFolder: `${dataFolder}/virtual-bench`,
    newId: randomUUID,
    serverStatus: () => statusOf(listening, { host, store, certificates }),
    setAcceptMode: (mode) => store.settings.set(ACCEPT_MODE, mode),
    logDefect,
  }
  return { parts, server, listening }
}

interface BenchGround extends Pick<EngineParts, 'host' | 'store' | 'dataFolder' | 'certificates' | 'verificationKeys'> {
  listening: Listening
}

/** The simulated devices, which belong to this bench. */
function benchOf({ host, store, dataFolder, listening, certificates, verificationKeys }: BenchGround): EngineParts['bench'] {
  return createVirtualBench({
    ...{ host, verificationKeys, intervals: BENCH_INTERVALS },
    folder: `${dataFolder}/virtual-bench`,
    serverUrl: () => listening.http ?? listening.https ?? '',
    caPem: () => certificates.current?.caPem ?? null,
    onEvent: (identity, event) => recordEvent(store, () => store.devices.byIdentityHash(normaliseIdentity(identity).hash), event),
  })
}

interface BoardGround extends Pick<EngineParts, 'host' | 'store' | 'dataFolder'> {
  listening: Listening
  transferOf: EngineParts['sources']['transferOf']
}

/** The virtual boards, and what is shown with them. */
function boardsOf({ host, store, dataFolder, listening, transferOf }: BoardGround): Pick<EngineParts, 'boards' | 'boardSources'> {
  const folder = `${dataFolder}/boards`
  const boards = new Boards({
    ...{ host, folder, table: store.boards, onDefect: logDefect },
    server: () => addressOf(listening),
    onNote: (mac, note) => recordEvent(store, () => store.devices.newestWith('mac', mac), { ...note, deploymentId: null }),
  })
  return {
    boards,
    boardSources: { store, transferOf, sshKeyPath: `${folder}/.ssh/id_ed25519` },
  }
}

/** What this machine sees of a device from outside, by its identity. */
function observing({ bench, boards, store }: Pick<EngineParts, 'bench' | 'boards' | 'store'>): EngineParts['sources']['observe'] {
  return (identity) => {
    const simulated = bench.observe(identity)
    const board = boards.byMac(identity['mac'])
    return simulated ? ofSimulated(simulated) : board && ofBoard(board, { store })
  }
}

/** Where boards reach the server: by https where it listens there. */
function addressOf({ http, https, hosts }: Listening): { host: string; port: number } | null {
  const [url, host] = https === null ? [http, hosts.http] : [https, hosts.https]
  return url === null || host === undefined ? null : { host, port: Number(new URL(url).port) }
}

type DriveGround = Pick<EngineParts, 'host' | 'store' | 'dataFolder' | 'boards'>

/** The drives and serial ports of the machine, what is written to drives as jobs, and what the machine lacks. `urls`: where the server listens. */
async function drivesAndFlashes({ host, store, dataFolder, boards }: DriveGround, urls: () => string[]) {
  const drives = createDrives({
    host,
    folder: `${dataFolder}/virtual-drives`,
    ownFolders: [
      { path: dataFolder, what: 'the data folder of the bench' },
      { path: import.meta.dirname, what: 'the bench itself' },
    ],
    onDefect: (thrown) => logDefect(toAppError(thrown)),
  })
  const jobs = new JobRunner(store.jobs, () => host.clock.now())
  const { writer } = host.programs
  const flashes = await Flashes.open({
    ...{ host, folder: `${dataFolder}/flashes`, jobs, newId: randomUUID, onDefect: logDefect },
    targets: { writer, holdDrive: (target) => drives.hold(target, writer) },
  })
  const examined: EngineParts['examine'] = () =>
    examine({
      ...{ host, dataFolder, urls, listDrives: () => drives.list(), hasHelper: () => hasHelper(host) },
      udisksProblem: () => udisksProblem(host),
      isPortFree: (port) => isFree({ host: '0.0.0.0', port }),
    })
  const unpackedFolder = `${dataFolder}/unpacked`
  // An engine that was killed leaves its copy.
  await host.files.remove(unpackedFolder)
  const unpacked = new UnpackedImages({ files: host.files, programs: host.programs, folder: unpackedFolder })
  return { jobs, drives, flashes, unpacked, examine: examined, ...consolesOf({ host, store, dataFolder, jobs, boards }) }
}

function statusOf(
  { http, https, hosts }: Listening,
  { host, store, certificates }: Pick<EngineParts, 'host' | 'store' | 'certificates'>,
): ServerStatus {
  const addresses = host.network.addresses()
  return {
    state: http === null && https === null ? 'stopped' : 'running',
    urls: [...lanUrls(https, hosts.https, addresses), ...lanUrls(http, hosts.http, addresses)],
    ...{ http, https },
    acceptMode: store.settings.get(ACCEPT_MODE, acceptMode) ?? 'none',
    silenceRule: silenceRuleOf(store),
    caFile: certificates.current?.caFile ?? null,
    caPem: certificates.current?.caPem ?? null,
    certificate: certificates.facts(),
    clientCaFile: certificates.clientCaFile,
  }
}

/** What should not have happened, for the log of whoever runs the engine. */
function logDefect(error: AppError): void {
  process.stderr.write(`${error.stack ?? error.message}\n`)
}

/** What a virtual board did goes to its timeline; before the server knows the board there is none. */
function recordEvent(store: Store, find: () => StoredDevice | null, event: Omit<NewTimelineEntry, 'deviceId'>): void {
  try {
    const device = find()
    if (!device) return
    const deploymentId =
      event.deploymentId ?? store.deviceDeployments.active(device.id).find(({ startedAt }) => startedAt !== null)?.deploymentId
    store.timeline.append({ ...event, deviceId: device.id, deploymentId: deploymentId ?? null })
  } catch (thrown) {
    // A full disk under the bench must not stop the boards.
    logDefect(toAppError(thrown))
  }
}
