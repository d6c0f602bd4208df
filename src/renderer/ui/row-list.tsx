import { type ReactNode, useCallback } from 'react'
import styles from './row-list.module.css'
import { VirtualList, type VirtualListProps } from './virtual-list.tsx'

interface RowListProps<T> extends Omit<VirtualListProps<T>, 'rowHeight'> {
  /** What stands above the columns. */
  head: ReactNode
  /** The class that says how wide they are. */
  columns: string | undefined
}

const ROW_HEIGHT = 33

/** A list of any length in columns, one line each; what is told of the chosen one stands beside it. */
export function RowList<T>({ head, columns, children, ...list }: RowListProps<T>) {
  const draw = useCallback((item: T) => <div className={`${styles.row} ${columns}`}>{children(item)}</div>, [columns, children])
  return (
    <>
      <div className={`${styles.head} ${columns}`} aria-hidden>
        {head}
      </div>
      <div className={styles.rows}>
        <VirtualList {...list} rowHeight={ROW_HEIGHT}>
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
