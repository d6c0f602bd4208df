import { t } from '@lingui/core/macro'
import type { ReactNode } from 'react'
import styles from './table.module.css'

interface TableProps {
  label: string
  /** What stands above the columns; a null stands above buttons. */
  titles: readonly (string | null)[]
  /** Its rows. */
  children: ReactNode
}

/** A few things, a row each. */
export function Table({ label, titles, children }: TableProps) {
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {titles.map((title) => (
            <th key={title}>{title ?? <span className="sr-only">{t`Actions`}</span>}</th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
