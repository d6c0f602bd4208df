import type { Device } from '@contract/devices.ts'
import { type RefObject, useLayoutEffect, useMemo, useState } from 'react'
import { useVirtualRows } from '../../ui/use-virtual-rows.ts'
import { rowsOf, sorted } from './bench-rows.ts'
import { useBench } from './bench-state.ts'

/** Guesses, until a row is measured. */
const CARD_HEIGHT = 274
const ROW_HEIGHT = 34
const CARD_WIDTH = 342
/** Beside the cards, at both edges. */
const EDGES = 20

/** The devices in the rows that the window has room for, and which of these are in sight. */
export function useBenchRows(devices: readonly Device[], scroller: RefObject<HTMLElement | null>) {
  const { view, sort, groupBy, current } = useBench()
  const width = useWidth(scroller)
  const isCards = view === 'cards'
  const columns = isCards ? Math.max(1, Math.floor((width - EDGES) / CARD_WIDTH)) : 1
  const rows = useMemo(() => rowsOf(sorted(devices, sort), groupBy, columns), [devices, sort, groupBy, columns])
  const order = useMemo(() => rows.flatMap((row) => (row.kind === 'head' ? [] : row.devices.map(({ id }) => id))), [rows])
  const virtual = useVirtualRows({
    ...{ count: rows.length, scroller, spare: isCards ? 1 : 10 },
    sizeOf: (index) => (isCards && rows[index]?.kind !== 'head' ? CARD_HEIGHT : ROW_HEIGHT),
    keyOf: (index) => keyOf(rows[index], index, view),
  })
  const focusable = current !== null && order.includes(current) ? current : (order[0] ?? null)
  return { rows, order, columns, virtual, focusable }
}

/** A row that holds other devices, or is drawn otherwise, has another height. */
function keyOf(row: ReturnType<typeof rowsOf>[number] | undefined, index: number, view: string): string {
  if (row === undefined) return `${index}`
  return row.kind === 'head' ? `head ${row.title}` : `${view} ${row.devices.length} ${row.devices[0]?.id ?? index}`
}

function useWidth(of: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = of.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [of])
  return width
}
