import { t } from '@lingui/core/macro'
import { useState } from 'react'
import styles from './plot.module.css'

export interface PlotTableProps {
  titles: readonly string[]
  /** A row each; asked for when the table is opened. */
  rows: () => readonly (readonly string[])[]
}

/** What a plot shows, in words and figures. */
export function PlotTable({ titles, rows }: PlotTableProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className={styles.table} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t`Table`}</summary>
      {isOpen && (
        <table>
          <thead>
            <tr>
              {titles.map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows().map((row, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- a row is its place in the plot
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={titles[column]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  )
}
