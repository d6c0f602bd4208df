import { type ReactNode, useCallback, useRef } from 'react'
import styles from './row-list.module.css'
import { useWidths } from './use-widths.ts'
import { VirtualList, type VirtualListProps } from './virtual-list.tsx'

interface RowListProps<T> extends Omit<VirtualListProps<T>, 'rowHeight' | 'scroller'> {
  /** What stands above the columns. */
  head: ReactNode
  /** The class that says how wide they are. */
  columns: string | undefined
}

const ROW_HEIGHT = 33
/** What is left free beside the columns. */
const EDGE = 16

/** A list of any length in columns, one line each; what is told of the chosen one stands beside it. */
export function RowList<T>({ head, columns, children, ...list }: RowListProps<T>) {
  const draw = useCallback((item: T) => <div className={`${styles.row} ${columns}`}>{children(item)}</div>, [columns, children])
  const scroller = useRef<HTMLDivElement>(null)
  const { barWidth } = useWidths(scroller)
  return (
    <>
      <div className={`${styles.head} ${columns}`} style={{ paddingRight: EDGE + barWidth }} aria-hidden>
        {head}
      </div>
      <div className={styles.rows}>
        <VirtualList {...list} scroller={scroller} rowHeight={ROW_HEIGHT}>
          {draw}
        </VirtualList>
      </div>
    </>
  )
}

/** A text that may be longer than its column. */
export function Cut({ className = '', children }: { className?: string | undefined; children: ReactNode }) {
  return <span className={`${styles.cut} ${className}`}>{children}</span>
}
