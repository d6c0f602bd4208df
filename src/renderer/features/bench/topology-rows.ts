import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import type { TopologyPlace } from '@contract/topology.ts'
import type { BenchRow } from './bench-rows.ts'

interface Look {
  /** Ids of the places that are folded up. */
  closed: readonly string[]
  /** Places without any of these devices are left out. */
  isFiltered: boolean
}

/** How far names stand in from the left. */
export const indentOf = (level: number): number => (level - 1) * 20

/** Where devices are whose place has not been told. */
const NOWHERE: TopologyPlace = {
  ...{ id: 'unknown', parentId: null, kind: 'unknown', name: t`Place not known`, detail: '', sizeBytes: null },
  ...{ isVirtual: false, deviceIds: [], boardId: null },
}

/** The places, each with its devices and what hangs on it below. The places come in their order, and so do the devices. */
export function topologyRows(places: readonly TopologyPlace[], devices: readonly Device[], look: Look): BenchRow[] {
  const placed = new Set(places.flatMap(({ deviceIds }) => deviceIds))
  const lost = devices.filter(({ id }) => !placed.has(id)).map(({ id }) => id)
  const all = lost.length === 0 ? places : withLost(places, lost)
  return new Tree(all, devices, look).rows(null, 1)
}

function withLost(places: readonly TopologyPlace[], lost: readonly string[]): TopologyPlace[] {
  const known = places.find(({ kind }) => kind === 'unknown')
  const place = { ...(known ?? NOWHERE), deviceIds: [...(known?.deviceIds ?? []), ...lost] }
  return known === undefined ? [...places, place] : places.map((each) => (each === known ? place : each))
}

class Tree {
  readonly #under: ReadonlyMap<string | null, readonly TopologyPlace[]>
  readonly #at: ReadonlyMap<string | undefined, readonly Device[]>
  readonly #look: Look

  constructor(places: readonly TopologyPlace[], devices: readonly Device[], look: Look) {
    const placeOf = new Map(places.flatMap(({ id, deviceIds }) => deviceIds.map((deviceId) => [deviceId, id] as const)))
    this.#under = Map.groupBy(places, ({ parentId }) => parentId)
    this.#at = Map.groupBy(devices, ({ id }) => placeOf.get(id))
    this.#look = look
  }

  rows(parentId: string | null, level: number): BenchRow[] {
    return (this.#under.get(parentId) ?? []).flatMap((place) => {
      const count = this.#count(place)
      if (this.#look.isFiltered && count === 0) return []
      const below = [
        ...(this.#at.get(place.id) ?? []).map((device): BenchRow => ({ kind: 'devices', devices: [device], level: level + 1 })),
        ...this.rows(place.id, level + 1),
      ]
      const isOpen = below.length === 0 ? null : !this.#look.closed.includes(place.id)
      return [{ kind: 'place', place, level, isOpen, count } as const, ...(isOpen === true ? below : [])]
    })
  }

  #count({ id }: TopologyPlace): number {
    const below = (this.#under.get(id) ?? []).reduce((sum, place) => sum + this.#count(place), 0)
    return (this.#at.get(id)?.length ?? 0) + below
  }
}
