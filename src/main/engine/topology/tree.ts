import type { DiscoveredBoard } from '../../contract/discovery.ts'
import type { Drive } from '../../contract/drives.ts'
import type { SerialPortFacts } from '../../contract/serial.ts'
import type { PlaceKind, TopologyPlace } from '../../contract/topology.ts'
import { compareNaturally } from '../lib/natural-order.ts'
import { type Subnet, subnetOf } from './subnets.ts'
import { hubOf, socketOf, type UsbDevice } from './usb.ts'

/** A device of the server. */
export interface KnownDevice {
  id: string
  isVirtual: boolean
  /** As its inventory says them, with the width of their networks behind them. */
  addresses: readonly string[]
}

/** All that is known of what hangs where. */
export interface Ground {
  usb: readonly UsbDevice[]
  drives: readonly { drive: Drive; usbPlace: string | null }[]
  ports: readonly SerialPortFacts[]
  boards: readonly DiscoveredBoard[]
  devices: readonly KnownDevice[]
  subnets: readonly Subnet[]
}

const place = (kind: PlaceKind, id: string, rest: Partial<TopologyPlace> & { name: string }): TopologyPlace => ({
  ...{ id, kind, parentId: null, detail: '', sizeBytes: null, isVirtual: false, deviceIds: [], boardId: null },
  ...rest,
})

/** The places, each before those that hang on it. A device, and a board, is at one of them: at its serial port, else on a network. */
export function placesOf(ground: Ground): TopologyPlace[] {
  const atPort = boardsAtPorts(ground.boards)
  const virtual = new Set(ground.devices.filter(({ isVirtual }) => isVirtual).map(({ id }) => id))
  const wired = new Set([...atPort.values()].flatMap(({ deviceId }) => (deviceId === null ? [] : [deviceId])))
  const others = ground.devices.filter(({ id }) => !virtual.has(id) && !wired.has(id))
  const afar = ground.boards.filter((board) => portOf(board) === null && board.isLikely && !board.isIgnored)
  return inOrder([
    ...usbPlaces(ground, atPort),
    ...builtIn(ground, atPort),
    ...networks(others, afar, ground.subnets),
    ...virtualPlaces(ground, [...virtual]),
  ])
}

const portOf = ({ roads }: DiscoveredBoard): string | null => roads.find(({ road }) => road === 'serial')?.place ?? null

function boardsAtPorts(boards: readonly DiscoveredBoard[]): ReadonlyMap<string, DiscoveredBoard> {
  return new Map(
    boards.flatMap((board) => {
      const port = portOf(board)
      return port === null ? [] : [[port, board] as const]
    }),
  )
}

type AtPorts = ReadonlyMap<string, DiscoveredBoard>

const USB = 'usb'

/** Hubs, and what brings a port or a drive. Keyboards and their like are left out. */
function usbPlaces({ usb, drives, ports }: Ground, atPort: AtPorts): TopologyPlace[] {
  const known = new Map(usb.map((device) => [device.place, device]))
  for (const { usb: adapter } of ports)
    if (adapter && !known.has(adapter.place))
      known.set(adapter.place, { place: adapter.place, isHub: false, name: adapter.product || 'USB adapter' })
  const leaves = [
    ...ports.flatMap((port) => (port.usb ? [{ ...serialPlace(port, atPort), parentId: port.usb.place }] : [])),
    ...drives.flatMap(({ drive, usbPlace }) => (usbPlace === null ? [] : [{ ...drivePlace(drive), parentId: usbPlace }])),
  ]
  const parents = new Set(leaves.map(({ parentId }) => parentId))
  const nodes = [...known.values()].filter((device) => device.isHub || parents.has(device.place))
  const there = new Set(nodes.map((device) => device.place))
  if (nodes.length === 0) return []
  return [
    place('usb', USB, { name: 'USB' }),
    ...nodes.map(({ place: at, name, isHub }) =>
      place(isHub ? 'hub' : 'adapter', `usb ${at}`, {
        ...{ name, detail: `${hubOf(at) === null ? `bus ${at.split('-')[0]}, ` : ''}socket ${socketOf(at)}` },
        parentId: usbId(hubOf(at), there),
      }),
    ),
    ...leaves.map((leaf) => ({ ...leaf, parentId: usbId(leaf.parentId, there) })),
  ]
}

const usbId = (at: string | null, there: ReadonlySet<string>): string => (at !== null && there.has(at) ? `usb ${at}` : USB)

function serialPlace({ path, driver, usb, heldBy }: SerialPortFacts, atPort: AtPorts): TopologyPlace {
  const board = atPort.get(path)
  const facts = [usb === null ? driver : '', usb?.serialNumber ?? '', heldBy.length === 0 ? '' : `open in ${heldBy.join(', ')}`]
  return place('serial', `serial ${path}`, {
    ...{ name: path, detail: facts.filter((fact) => fact !== '').join(' · ') },
    ...(board?.deviceId ? { deviceIds: [board.deviceId] } : { boardId: board?.ids[0] ?? null }),
  })
}

function drivePlace({ identity, name, sizeBytes, mender, virtual }: Drive): TopologyPlace {
  const holds = mender === null ? '' : [mender.artifactName, mender.deviceType && `for ${mender.deviceType}`].filter(Boolean).join(' ')
  const facts = [virtual === null ? identity.path : '', sizeBytes === 0 ? 'no card' : '', holds]
  return place('drive', `drive ${identity.path}`, {
    ...{ name, detail: facts.filter((fact) => fact !== '').join(' · '), isVirtual: virtual !== null },
    sizeBytes: sizeBytes === 0 ? null : sizeBytes,
  })
}

/** Ports and card slots that are no USB devices; of the disks those that may be written. */
function builtIn({ ports, drives }: Ground, atPort: AtPorts): TopologyPlace[] {
  const own = ports.filter(({ usb }) => usb === null).map((port) => ({ ...serialPlace(port, atPort), parentId: 'ports' }))
  const slots = drives
    .filter(
      ({ drive, usbPlace }) => usbPlace === null && drive.virtual === null && (drive.bus === 'mmc' || drive.verdict.kind !== 'refused'),
    )
    .map(({ drive }) => ({ ...drivePlace(drive), parentId: 'drives' }))
  return [
    ...(own.length === 0 ? [] : [place('ports', 'ports', { name: 'Built-in serial ports' }), ...own]),
    ...(slots.length === 0 ? [] : [place('drives', 'drives', { name: 'Card slots and drives' }), ...slots]),
  ]
}

/** Whoever is known by an address alone: by the networks of this machine, others, and those that told none. */
function networks(devices: readonly KnownDevice[], boards: readonly DiscoveredBoard[], subnets: readonly Subnet[]): TopologyPlace[] {
  const boardOf = new Map(boards.flatMap((board) => (board.deviceId === null ? [] : [[board.deviceId, board] as const])))
  const where = new Network(subnets)
  for (const { id, addresses } of devices) where.of(addresses, boardOf.get(id)).deviceIds.push(id)
  const strangers = boards
    .filter(({ deviceId }) => deviceId === null)
    .map((board) =>
      place('board', `board ${board.ids[0] ?? ''}`, {
        ...{ name: board.name, detail: board.addresses.join(' · '), parentId: where.of([], board).id, boardId: board.ids[0] ?? null },
      }),
    )
  return [...where.places(), ...strangers]
}

/** The networks, as they are needed. */
class Network {
  readonly #subnets: readonly Subnet[]
  readonly #known = new Map<string, TopologyPlace>()

  constructor(subnets: readonly Subnet[]) {
    this.#subnets = subnets
    for (const { name, interfaceName } of subnets) this.#named(name, { name, detail: interfaceName })
  }

  /** Of who has these addresses, or was noticed as this board. */
  of(addresses: readonly string[], board: DiscoveredBoard | undefined): TopologyPlace {
    const all = [...(board?.addresses ?? []), ...addresses.map((address) => address.split('/')[0] ?? '')]
    const over = new Set(board?.roads.filter(({ road }) => road === 'neighbour').flatMap(({ detail }) => detail.split(', ')))
    const own = this.#subnets.find(({ has }) => all.some(has)) ?? this.#subnets.find(({ interfaceName }) => over.has(interfaceName))
    const name = own?.name ?? addresses.map(subnetOf).find((each) => each !== null) ?? null
    if (name !== null) return this.#named(name, { name, detail: 'behind a router' })
    return all.length > 0
      ? this.#named('other', { name: 'Other networks' })
      : this.#named('unknown', { name: 'Place not known', detail: 'no address was told', kind: 'unknown' })
  }

  places(): TopologyPlace[] {
    return [...this.#known.values()]
  }

  #named(key: string, look: Partial<TopologyPlace> & { name: string }): TopologyPlace {
    const known = this.#known.get(key) ?? place('network', `network ${key}`, look)
    this.#known.set(key, known)
    return known
  }
}

function virtualPlaces({ drives }: Ground, deviceIds: string[]): TopologyPlace[] {
  const cards = drives.filter(({ drive }) => drive.virtual !== null).map(({ drive }) => ({ ...drivePlace(drive), parentId: 'virtual' }))
  if (cards.length === 0 && deviceIds.length === 0) return []
  return [place('virtual', 'virtual', { name: 'Virtual', detail: 'software on this machine', isVirtual: true, deviceIds }), ...cards]
}

/** Each behind what it hangs on, those beside each other by their ids. */
function inOrder(places: readonly TopologyPlace[]): TopologyPlace[] {
  const under = Map.groupBy(places, ({ parentId }) => parentId)
  const below = (parentId: string | null): TopologyPlace[] =>
    (under.get(parentId) ?? [])
      .toSorted((one, other) => (parentId === null ? 0 : compareNaturally(one.id, other.id)))
      .flatMap((each) => [each, ...below(each.id)])
  return below(null)
}
