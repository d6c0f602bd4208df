import type { AppError } from '../contract/errors.ts'
import type { AcceptMode } from '../contract/accept-mode.ts'
import type { ServerStatus } from '../contract/server.ts'
import type { Associations } from './associations/associations.ts'
import type { Boards } from './boards/boards.ts'
import type { PayloadBrowser } from './contents/browser.ts'
import type { UnpackedImages } from './flash/unpacked-images.ts'
import type { Flashes } from './flash/flashes.ts'
import type { Consoles } from './consoles/consoles.ts'
import type { DeviceLines } from './connect/lines.ts'
import type { Terminals } from './connect/terminal.ts'
import type { VirtualBench } from './device/bench.ts'
import type { Examined } from './doctor/findings.ts'
import type { Discoveries } from './discovery/discoveries.ts'
import type { Drives } from './drives/drives.ts'
import type { Host } from './host.ts'
import type { JobRunner } from './jobs/runner.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { Changes } from './lib/changes.ts'
import type { Provisions } from './provision/provisions.ts'
import type { OpenPorts } from './provision/serial/open-ports.ts'
import type { Station } from './provision/station/station.ts'
import type { Login } from './server/login.ts'
import type { ActionParts } from './server/actions.ts'
import type { Recordings } from './server/recordings.ts'
import type { DownloadRates } from './server/download-rates.ts'
import type { CertificateKeeper } from './server/certificate-keeper.ts'
import type { Store } from './store/open.ts'
import type { SetAside } from './store/set-aside.ts'
import type { BoardSources } from './views/board-view.ts'
import type { Topologies } from './topology/topologies.ts'
import type { DeviceSources } from './views/device-view.ts'

/** What handlers work with. Made in engine.ts, the only place where parts meet. */
export interface EngineParts {
  host: Host
  store: Store
  jobs: JobRunner
  keyRing: KeyRing
  bench: VirtualBench
  boards: Boards
  drives: Drives
  /** Looks at what the machine has and lacks. */
  examine(): Promise<Examined>
  flashes: Flashes
  /** What was unpacked to be looked into. */
  unpacked: UnpackedImages
  provisions: Provisions
  /** The serial ports that are open here. */
  ports: OpenPorts
  consoles: Consoles
  /** By what the desktop knows who opens its files. */
  associations: Associations
  discoveries: Discoveries
  /** What hangs where. */
  topologies: Topologies
  /** Makes units out of cards. */
  station: Station
  /** Looks into the payloads of the library. */
  browser: PayloadBrowser
  /** Artifacts that were removed a moment ago. */
  setAside: SetAside
  login: Login
  certificates: CertificateKeeper
  /** What the actions of the server need; the management API runs the same ones. */
  actions: ActionParts
  sources: DeviceSources
  boardSources: BoardSources
  changes: Store['changes'] & { transfers: Changes; simulated: Changes; connections: Changes }
  /** The devices that hold a connection, and the terminals over it that this engine's own users have open. */
  lines: DeviceLines
  /** How fast devices get what is deployed to them. */
  rates: DownloadRates
  terminals: Terminals
  recordings: Recordings
  dataFolder: string
  artifactFolder: string
  /** Where virtual boards lie, a folder each. */
  boardFolder: string
  /** Where the virtual bench builds its artifacts. */
  benchFolder: string
  newId(): string
  /** The public halves of all keys, to check signatures with. */
  verificationKeys(): { name: string; publicKeyPem: string }[]
  serverStatus(): ServerStatus
  setAcceptMode(mode: AcceptMode): void
  /** For what should not have happened. */
  logDefect(error: AppError): void
}
