import type { ReactNode } from 'react'
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
  return (
    <>
      <div className={`${styles.head} ${columns}`} aria-hidden>
        {head}
      </div>
      <div className={styles.rows}>
        <VirtualList {...list} rowHeight={ROW_HEIGHT}>
          {(item) => <div className={`${styles.row} ${columns}`}>{children(item)}</div>}
        </VirtualList>
      </div>
    </>
  )
}

/** A text that may be longer than its column. */
export function Cut({ className = '', children }: { className?: string | undefined; children: ReactNode }) {
  return <span className={`${styles.cut} ${className}`}>{children}</span>
}
