import type { ReactNode } from 'react'
import styles from './place.module.css'

interface PlaceProps {
  title: string
  /** A figure or two beside the title. */
  summary?: ReactNode
  actions?: ReactNode
  children: ReactNode
  /** What stands on the right while something is selected. */
  aside?: ReactNode
}

/** One place of the window: a header, its content, and an inspector when something is selected. */
export function Place({ title, summary, actions, children, aside }: PlaceProps) {
  return (
    <div className={styles.place}>
      <header className={styles.header} data-region="header">
        <h1 className={styles.title}>{title}</h1>
        <div className={styles.summary}>{summary}</div>
        <div className={styles.actions}>{actions}</div>
      </header>
      <div className={styles.content} data-region="content">
        {children}
      </div>
      {aside}
    </div>
  )
}
