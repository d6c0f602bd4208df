import type { DiscoveredBoard, DiscoveryRoad } from '../../contract/discovery.ts'
import { compareNaturally } from '../lib/natural-order.ts'

/** A board as one road shows it. */
export interface Sighting {
  road: DiscoveryRoad
  /** Where on that road: `/dev/ttyUSB0`, an address, a device of the server. */
  place: string
  /** In words: the adapter, the service. */
  detail: string
  macs?: readonly string[]
  serialNumbers?: readonly string[]
  hostNames?: readonly string[]
  addresses?: readonly string[]
  /** Of the server. */
  device?: { id: string; name: string }
  /** It says that there is a board, as a plugged adapter does. */
  isLikely?: boolean
  /** It answers SSH there. */
  ssh?: { host: string; port: number }
}

/** Shorter ones are those of adapters that all have the same. */
const SERIAL_LENGTH = 6

/** What tells one board from all others. */
function strongIds({ macs = [], serialNumbers = [], device }: Sighting): string[] {
  return [
    ...(device ? [`device:${device.id}`] : []),
    ...macs.map((mac) => `mac:${mac.toLowerCase()}`),
    ...serialNumbers.filter((number) => number.length >= SERIAL_LENGTH).map((number) => `serial:${number.toLowerCase()}`),
  ]
}

/** What several boards may share: a name that nobody has changed, an address that was given anew. */
function weakIds({ hostNames = [], addresses = [] }: Sighting): string[] {
  return [...hostNames.map((name) => `host:${bare(name)}`), ...addresses.map((address) => `ip:${address.toLowerCase()}`)]
}

/** `raspberrypi` of `raspberrypi.local.` */
const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/\.local$/, '')

type Group = Set<Sighting>

/**
 * Puts together what is one board: sightings that share a MAC, a serial number or a device; then those that share a host name or an address,
 * unless they are known to be different boards. The order of the sightings does not matter.
 */
export function mergeSightings(sightings: readonly Sighting[]): Sighting[][] {
  const groups = new Map<Sighting, Group>(sightings.map((sighting) => [sighting, new Set([sighting])]))
  const join = (all: readonly Group[]): void => {
    const joined: Group = new Set(all.flatMap((group) => [...group]))
    for (const sighting of joined) groups.set(sighting, joined)
  }
  for (const [, of] of byId(sightings, strongIds)) join(groupsOf(of, groups))
  for (const [, of] of byId(sightings, weakIds)) {
    const sharing = groupsOf(of, groups)
    if (!areDifferent(sharing)) join(sharing)
  }
  return [...new Set(groups.values())].map((group) => [...group].toSorted(byRoad))
}

function groupsOf(sightings: readonly Sighting[], groups: ReadonlyMap<Sighting, Group>): Group[] {
  return [...new Set(sightings.flatMap((sighting) => groups.get(sighting) ?? []))]
}

function byId(sightings: readonly Sighting[], idsOf: (sighting: Sighting) => string[]): [string, Sighting[]][] {
  const found = new Map<string, Sighting[]>()
  for (const sighting of sightings) for (const id of idsOf(sighting)) found.set(id, [...(found.get(id) ?? []), sighting])
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** Two of them that have different devices, or MACs and none in common. */
function areDifferent(groups: readonly Group[]): boolean {
  return ['device:', 'mac:'].some((kind) => {
    const known = groups
      .map((group) => new Set([...group].flatMap(strongIds).filter((id) => id.startsWith(kind))))
      .filter((ids) => ids.size > 0)
    return known.some((ids, index) => known.slice(index + 1).some((others) => ids.isDisjointFrom(others)))
  })
}

const ROADS: readonly DiscoveryRoad[] = ['server', 'mdns', 'serial', 'neighbour']
const byRoad = (a: Sighting, b: Sighting): number => ROADS.indexOf(a.road) - ROADS.indexOf(b.road) || compareNaturally(a.place, b.place)

const MAIN_SIGNS: ReadonlySet<DiscoveryRoad> = new Set(['mdns', 'server'])

/** One board of its sightings; `isIgnored` asks for an id. */
export function boardOf(sightings: readonly Sighting[], isIgnored: (id: string) => boolean): DiscoveredBoard {
  const all = (pick: (sighting: Sighting) => readonly string[] | undefined): string[] =>
    [...new Set(sightings.flatMap((each) => pick(each) ?? []))].toSorted()
  const device = sightings.find((each) => each.device)?.device ?? null
  const hostNames = [...new Set(all((each) => each.hostNames).map(bare))]
  const addresses = all((each) => each.addresses)
  const ids = idsOf(sightings, { hostNames, addresses })
  return {
    ids,
    name: device?.name ?? hostNames[0] ?? sightings[0]?.place ?? '',
    roads: roadsOf(sightings),
    ...{ macs: all((each) => each.macs), serialNumbers: all((each) => each.serialNumbers), hostNames, addresses },
    isLikely: sightings.some(({ road, isLikely = false }) => isLikely || MAIN_SIGNS.has(road)),
    ...{ deviceId: device?.id ?? null, ssh: sightings.find((each) => each.ssh)?.ssh ?? null, isIgnored: ids.some(isIgnored) },
  }
}

/** What it is known by, and by its address only where nothing lasting is known. */
function idsOf(sightings: readonly Sighting[], { hostNames, addresses }: Pick<DiscoveredBoard, 'hostNames' | 'addresses'>): string[] {
  const places = sightings.filter(({ road }) => road === 'serial').map(({ place }) => `place:${place}`)
  const lasting = [...new Set([...sightings.flatMap(strongIds), ...hostNames.map((name) => `host:${name}`), ...places])]
  const passing = addresses.length > 0 ? addresses.map((address) => `ip:${address}`) : sightings.map(({ place }) => `place:${place}`)
  return lasting.length > 0 ? lasting : passing
}

/** Several services of one host are one road. */
function roadsOf(sightings: readonly Sighting[]): DiscoveredBoard['roads'] {
  const byPlace = Object.groupBy(sightings, ({ road, place }) => `${road} ${place}`)
  return Object.values(byPlace).flatMap((same = []) => {
    const [first] = same
    if (!first) return []
    const details = [...new Set(same.map(({ detail }) => detail).filter((detail) => detail !== ''))].toSorted()
    return [{ road: first.road, place: first.place, detail: details.join(', ') }]
  })
}
