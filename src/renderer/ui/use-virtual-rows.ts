import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import type { RefObject } from 'react'

interface VirtualRows {
  count: number
  scroller: RefObject<HTMLElement | null>
  /** In pixels; a guess, where the rows are measured. */
  sizeOf: (index: number) => number
  keyOf: (index: number) => string
  /** Rows that are drawn above and below what is seen. */
  spare: number
  /** What else is scrolled with the rows, above them; in pixels. */
  above?: number
}

/** Which rows of a long list are in sight, and where they stand. */
export function useVirtualRows({ count, scroller, sizeOf, keyOf, spare, above = 0 }: VirtualRows): Virtualizer<HTMLElement, Element> {
  // oxlint-disable-next-line react/incompatible-library -- the compiler does not run on this page: nothing is memoized behind its back
  return useVirtualizer<HTMLElement, Element>({
    ...{ count, overscan: spare, estimateSize: sizeOf, getItemKey: keyOf, scrollMargin: above },
    getScrollElement: () => scroller.current,
  })
}
