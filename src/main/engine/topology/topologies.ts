import type { DiscoveredBoard } from '../../contract/discovery.ts'
import type { Drive } from '../../contract/drives.ts'
import type { SerialPortFacts } from '../../contract/serial.ts'
import type { TopologyPlace } from '../../contract/topology.ts'
import type { Host } from '../host.ts'
import { Changes, liveBeside } from '../lib/changes.ts'
import { type SystemFiles, systemFiles } from '../lib/system-files.ts'
import { subnetsOf } from './subnets.ts'
import { type KnownDevice, placesOf } from './tree.ts'
import { readUsb, usbPlaceOfDisk } from './usb.ts'

interface TopologyParts {
  host: Host
  drives: { changes: Changes; list(): Promise<Drive[]>; watch(): Disposable }
  /** The serial ports now, and again when one comes or goes. */
  ports(signal: AbortSignal): AsyncIterable<SerialPortFacts[]>
  /** What boards are about, and again when one comes or goes. */
  boards(signal: AbortSignal): AsyncIterable<{ boards: DiscoveredBoard[] }>
  /** The devices of the server; bumped when one comes or goes. */
  devices: { changes: Changes; list(): KnownDevice[] }
}

/** Devices say where they are as they please, and there may be many of them: a burst of news becomes one. */
const PAUSE_MS = 1000

/** What hangs where: on the sockets of this machine, on its networks, or on none. Looks only as long as somebody follows it. */
export class Topologies {
  readonly #parts: TopologyParts

  constructor(parts: TopologyParts) {
    this.#parts = parts
  }

  async *follow(signal: AbortSignal): AsyncGenerator<TopologyPlace[], void, void> {
    const { drives, devices, ports, boards } = this.#parts
    using _watch = drives.watch()
    const changed = new Changes()
    const seen: Seen = { ports: [], boards: [] }
    const keep = (found: Partial<Seen>): void => {
      Object.assign(seen, found)
      changed.bump()
    }
    yield* liveBeside(signal, {
      ...{ sources: [changed, drives.changes, devices.changes], read: () => this.#read(seen), pauseMs: PAUSE_MS },
      gather: (until) => [
        each(ports(until), (found) => keep({ ports: found })),
        each(boards(until), (found) => keep({ boards: found.boards })),
      ],
    })
  }

  async #read({ ports, boards }: Seen): Promise<TopologyPlace[]> {
    const { host, drives, devices } = this.#parts
    const system = systemFiles(host.files)
    const [usb, all] = await Promise.all([readUsb(system), drives.list()])
    const placed = await Promise.all(all.map(async (drive) => ({ drive, usbPlace: await usbPlaceOf(system, drive) })))
    return placesOf({ ...{ usb, ports, boards }, drives: placed, devices: devices.list(), subnets: subnetsOf(host.network.addresses()) })
  }
}

interface Seen {
  ports: readonly SerialPortFacts[]
  boards: readonly DiscoveredBoard[]
}

async function usbPlaceOf(system: SystemFiles, { bus, identity }: Drive): Promise<string | null> {
  return bus === 'usb' ? usbPlaceOfDisk(system, identity.path.slice(identity.path.lastIndexOf('/') + 1)) : null
}

async function each<T>(values: AsyncIterable<T>, tell: (value: T) => void): Promise<void> {
  for await (const value of values) tell(value)
}
