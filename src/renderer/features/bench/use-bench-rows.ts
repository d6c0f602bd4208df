import type { Device } from '@contract/devices.ts'
import { type RefObject, useMemo } from 'react'
import { useVirtualRows } from '../../ui/use-virtual-rows.ts'
import { useWidths } from '../../ui/use-widths.ts'
import type { TopologyPlace } from '@contract/topology.ts'
import { type BenchRow, rowsOf, sorted } from './bench-rows.ts'
import { useBench } from './bench-state.ts'
import { topologyRows } from './topology-rows.ts'

/** Guesses, until a row is measured. */
const CARD_HEIGHT = 274
const ROW_HEIGHT = 34
const CARD_WIDTH = 342
/** Beside the cards, at both edges. */
const EDGES = 20

export interface BenchContent {
  devices: readonly Device[]
  /** null outside of the topology. */
  places: readonly TopologyPlace[] | null
  /** Not all devices are here. */
  isFiltered: boolean
}

/** The devices in the rows that the window has room for, and which of these are in sight. */
export function useBenchRows({ devices, places, isFiltered }: BenchContent, scroller: RefObject<HTMLElement | null>) {
  const { view, sort, groupBy, current, closed } = useBench()
  const { width, barWidth } = useWidths(scroller)
  const isCards = view === 'cards'
  const columns = isCards ? Math.max(1, Math.floor((width - EDGES) / CARD_WIDTH)) : 1
  const rows = useMemo(() => {
    const inOrder = sorted(devices, sort)
    return places === null ? rowsOf(inOrder, groupBy, columns) : topologyRows(places, inOrder, { closed, isFiltered })
  }, [devices, places, isFiltered, closed, sort, groupBy, columns])
  const order = useMemo(() => rows.flatMap((row) => (row.kind === 'devices' ? row.devices.map(({ id }) => id) : [])), [rows])
  const virtual = useVirtualRows({
    ...{ count: rows.length, scroller, spare: isCards ? 1 : 10 },
    sizeOf: (index) => (isCards && rows[index]?.kind === 'devices' ? CARD_HEIGHT : ROW_HEIGHT),
    keyOf: (index) => keyOf(rows[index], index, view),
  })
  const focusable = current !== null && order.includes(current) ? current : (order[0] ?? null)
  return { rows, order, columns, barWidth, virtual, focusable }
}

/** By the first of its devices: what else of a row stays in it, when it comes to hold more or fewer, is not drawn anew, and an open menu stays. */
function keyOf(row: BenchRow | undefined, index: number, view: string): string {
  if (row === undefined) return `${index}`
  if (row.kind === 'place') return `place ${row.place.id}`
  return row.kind === 'head' ? `head ${row.title}` : `${view} ${row.devices[0]?.id ?? index}`
}
