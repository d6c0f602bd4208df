import type { DiscoveredBoard, DiscoveryNote } from '../../contract/discovery.ts'
import type { SerialPortFacts } from '../../contract/serial.ts'
import type { Host } from '../host.ts'
import { Changes, liveBeside } from '../lib/changes.ts'
import { compareNaturally } from '../lib/natural-order.ts'
import { MdnsWatch } from './mdns.ts'
import { mdnsSightings } from './mdns-records.ts'
import { boardOf, mergeSightings, type Sighting } from './merge.ts'
import { neighbours } from './neighbours.ts'

export interface DiscoveryParts {
  host: Host
  /** The serial ports now, and again when one comes or goes. */
  ports(signal: AbortSignal): AsyncIterable<SerialPortFacts[]>
  /** What the server knows of its devices. */
  devices(): Sighting[]
  /** The device that a serial port is the console of, as somebody said. */
  deviceAt(path: string): Sighting['device'] | undefined
  ignored: { get(): readonly string[]; set(ids: readonly string[]): void }
}

export interface Discovered {
  boards: DiscoveredBoard[]
  notes: DiscoveryNote[]
}

interface Seen {
  ports: readonly SerialPortFacts[]
  neighbours: readonly Sighting[]
}

/** Neighbours and devices are looked at so often. */
const LOOK_MS = 3000
const PAUSE_MS = 300

/** What boards are about. Looks for them only as long as somebody follows it. */
export class Discoveries {
  readonly #changes = new Changes()
  readonly #parts: DiscoveryParts

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
  }

  /** What is about, and again when something comes or goes. */
  async *follow(signal: AbortSignal): AsyncGenerator<Discovered, void, void> {
    const { host } = this.#parts
    using mdns = await MdnsWatch.open(host.network.addresses(), host.clock)
    const seen: Seen = { ports: [], neighbours: await neighbours(host) }
    const changed = new Changes()
    const keep = (found: Partial<Seen>): void => {
      Object.assign(seen, found)
      changed.bump()
    }
    yield* liveBeside(signal, {
      ...{ sources: [changed, mdns.changes, this.#changes], read: () => this.#read(seen, mdns), pauseMs: PAUSE_MS },
      gather: (until) => [
        this.#followPorts(until, (found) => keep({ ports: found })),
        this.#lookAround(until, (found) => keep({ neighbours: found })),
      ],
    })
  }

  /** Whether the board that is known by these is left out from now on. */
  ignore(ids: readonly string[], isIgnored: boolean): void {
    const { ignored } = this.#parts
    const others = ignored.get().filter((id) => !ids.includes(id))
    ignored.set(isIgnored ? [...others, ...ids] : others)
    this.#changes.bump()
  }

  async #followPorts(signal: AbortSignal, tell: (ports: SerialPortFacts[]) => void): Promise<void> {
    for await (const ports of this.#parts.ports(signal)) tell(ports)
  }

  async #lookAround(signal: AbortSignal, tell: (found: Sighting[]) => void): Promise<void> {
    const { host } = this.#parts
    while (!signal.aborted) {
      await host.clock.sleep(LOOK_MS, signal).catch(() => undefined)
      if (!signal.aborted) tell(await neighbours(host))
    }
  }

  async #read(seen: Seen, mdns: MdnsWatch): Promise<Discovered> {
    const { host, devices, deviceAt, ignored } = this.#parts
    const own = new Set(host.network.addresses().map(({ address }) => address))
    const around = [...mdnsSightings(mdns.records()), ...seen.neighbours].filter(
      ({ addresses = [] }) => !addresses.some((address) => own.has(address)),
    )
    const ports = seen.ports.map((port) => portSighting(port, deviceAt(port.path)))
    const left = new Set(ignored.get())
    const seenHere = [...ports, ...around]
    // Where nothing is about, no device has to be looked for in it.
    const boards = mergeSightings(seenHere.length === 0 ? [] : [...seenHere, ...devices()])
      // What only the server knows is on the bench already.
      .filter((sightings) => sightings.some(({ road }) => road !== 'server'))
      .map((sightings) => boardOf(sightings, (id) => left.has(id)))
    return { boards: boards.toSorted(byInterest), notes: [...(await this.#portNotes(seen.ports)), ...mdnsNotes(mdns)] }
  }

  async #portNotes(ports: readonly SerialPortFacts[]): Promise<DiscoveryNote[]> {
    const { machine, files } = this.#parts.host
    const note = (text: string, remedy: string): DiscoveryNote => ({ road: 'serial', text, remedy })
    const closed: string[] = []
    for (const { path } of ports) if (!(await machine.canWrite(path))) closed.push(path)
    if (closed.length > 0)
      return [
        note(`You may not open ${closed.join(', ')}`, 'Join the group that owns it, and log in again: sudo usermod -aG dialout $USER'),
      ]
    if (machine.platform !== 'linux' || ports.some(({ usb }) => usb !== null)) return []
    if (!(await files.stat('/sys/class/tty')))
      return [note('The kernel tells no serial ports: /sys is not mounted', 'Mount it: mount -t sysfs sys /sys')]
    if (!(await files.stat('/run/udev/control')))
      return [
        note(
          'udev does not run: a new USB adapter may get no name and no rights',
          'Start it, or plug the adapter in before this machine starts.',
        ),
      ]
    return []
  }
}

function portSighting({ path, driver, usb, heldBy }: SerialPortFacts, device: Sighting['device'] | undefined): Sighting {
  const adapter = usb === null ? 'built in' : [usb.manufacturer, usb.product].filter((text) => text !== '').join(' ') || driver
  return {
    ...{ road: 'serial', place: path, detail: heldBy.length === 0 ? adapter : `${adapter}, open in ${heldBy.join(', ')}` },
    isLikely: usb !== null || device !== undefined,
    ...(usb !== null && usb.serialNumber !== '' && { serialNumbers: [usb.serialNumber] }),
    ...(device && { device }),
  }
}

function mdnsNotes({ failure, hasNetwork }: MdnsWatch): DiscoveryNote[] {
  if (failure !== null)
    return [{ road: 'mdns', text: `mDNS cannot be heard: ${failure}`, remedy: 'Another program may hold UDP port 5353 for itself.' }]
  if (!hasNetwork) return [{ road: 'mdns', text: 'This machine is in no network', remedy: 'Connect it to the network of the boards.' }]
  return []
}

/** What is likely a board before the rest. */
const byInterest = (a: DiscoveredBoard, b: DiscoveredBoard): number =>
  Number(b.isLikely) - Number(a.isLikely) || compareNaturally(a.name, b.name)
