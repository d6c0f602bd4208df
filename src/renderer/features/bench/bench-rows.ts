import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import type { TopologyPlace } from '@contract/topology.ts'
import { CARD_STATES, needsPerson } from '../../ui/card-states.ts'

export const SORTS = [
  ['name', t`Name`],
  ['state', t`State`],
  ['type', t`Device type`],
  ['group', t`Group`],
  ['software', t`Software`],
  ['poll', t`Next poll`],
] as const
export type SortBy = (typeof SORTS)[number][0]

export const GROUPS = [
  ['none', t`No groups`],
  ['state', t`By state`],
  ['type', t`By device type`],
  ['group', t`By group`],
  ['software', t`By software`],
] as const
export type GroupBy = (typeof GROUPS)[number][0]

/** A row of the bench: the head of a group, a place of the topology, or devices beside each other, `level` deep in the latter. */
export type BenchRow =
  | { kind: 'head'; title: string; count: number }
  | PlaceRow
  | { kind: 'devices'; devices: readonly Device[]; level?: number }

export interface PlaceRow {
  kind: 'place'
  place: TopologyPlace
  /** From 1. */
  level: number
  /** null where nothing hangs on it. */
  isOpen: boolean | null
  /** Devices on it and below it. */
  count: number
}

const byText = new Intl.Collator('en', { numeric: true })
/** States in the order in which somebody wants to see them: who needs a person, who works, all others. */
const URGENCY = { danger: 0, attention: 1, unconfirmed: 2, progress: 3, info: 4, neutral: 5, ok: 6 } as const

function factOf(device: Device, by: Exclude<GroupBy, 'none'>): string {
  if (by === 'state') return CARD_STATES[device.card.state].word
  if (by === 'type') return device.deviceType ?? t`Type not said yet`
  return by === 'group' ? (device.group ?? t`No group`) : (device.artifactName ?? t`Software not said yet`)
}

const urgencyOf = (device: Device): number => (needsPerson(device) ? -1 : 0) + URGENCY[CARD_STATES[device.card.state].token]

const COMPARE: Readonly<Record<SortBy, (one: Device, other: Device) => number>> = {
  // They come in the order of their names.
  name: () => 0,
  state: (one, other) => urgencyOf(one) - urgencyOf(other) || byText.compare(factOf(one, 'state'), factOf(other, 'state')),
  type: (one, other) => byText.compare(factOf(one, 'type'), factOf(other, 'type')),
  group: (one, other) => byText.compare(factOf(one, 'group'), factOf(other, 'group')),
  software: (one, other) => byText.compare(factOf(one, 'software'), factOf(other, 'software')),
  poll: (one, other) => (one.nextPollAt ?? Infinity) - (other.nextPollAt ?? Infinity) || 0,
}

/** The devices, which come in the order of their names, in another one. */
export function sorted(devices: readonly Device[], { by, isDown }: { by: SortBy; isDown: boolean }): readonly Device[] {
  const up = by === 'name' ? devices : devices.toSorted(COMPARE[by])
  return isDown ? up.toReversed() : up
}

/** The devices in rows of so many, each group beginning anew below its head; the most urgent state first. */
export function rowsOf(devices: readonly Device[], groupBy: GroupBy, columns: number): BenchRow[] {
  if (groupBy === 'none') return inRows(devices, columns)
  const groups = Map.groupBy(devices, (device) => factOf(device, groupBy))
  const order = [...groups].toSorted(([one, [first]], [other, [second]]) =>
    groupBy === 'state' && first && second ? urgencyOf(first) - urgencyOf(second) : byText.compare(one, other),
  )
  return order.flatMap(([title, members]) => [{ kind: 'head', title, count: members.length } as const, ...inRows(members, columns)])
}

function inRows(devices: readonly Device[], columns: number): BenchRow[] {
  return Array.from({ length: Math.ceil(devices.length / columns) }, (_, row) => ({
    kind: 'devices',
    devices: devices.slice(row * columns, (row + 1) * columns),
  }))
}

/** The device that an arrow leads to from here; null at an edge. Rows are told by where devices stand in them. */
export function neighbour(rows: readonly BenchRow[], from: string | null, key: string): { id: string; row: number } | null {
  const places = rows.flatMap((row, index) =>
    row.kind !== 'devices' ? [] : row.devices.map(({ id }, column) => ({ id, row: index, column })),
  )
  const at = places.findIndex(({ id }) => id === from)
  const here = places[at]
  if (here === undefined) return places[0] ?? null
  if (key === 'ArrowLeft') return places[at - 1] ?? null
  if (key === 'ArrowRight') return places[at + 1] ?? null
  if (key === 'Home') return places[0] ?? null
  if (key === 'End') return places.at(-1) ?? null
  const below = key === 'ArrowDown'
  const others = below
    ? places.slice(at).filter(({ row }) => row > here.row)
    : places
        .slice(0, at)
        .filter(({ row }) => row < here.row)
        .toReversed()
  const row = others[0]?.row
  const inRow = others.filter((place) => place.row === row)
  return inRow.find(({ column }) => column === here.column) ?? inRow.toSorted((one, other) => other.column - one.column)[0] ?? null
}

/** The ids from one to another in their order, both with them. */
export function between(order: readonly string[], from: string, to: string): string[] {
  const [a, b] = [order.indexOf(from), order.indexOf(to)]
  return a < 0 || b < 0 ? [to] : order.slice(Math.min(a, b), Math.max(a, b) + 1)
}
