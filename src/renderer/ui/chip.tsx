import type { ReactNode } from 'react'
import styles from './chip.module.css'

/** A small fact beside a name. */
export function Chip({ children, title }: { children: ReactNode; title?: string | undefined }) {
  return (
    <span className={styles.chip} title={title}>
      {children}
    </span>
  )
}

/** A label over a figure or a list. */
export function Label({ children }: { children: ReactNode }) {
  return <h3 className={styles.label}>{children}</h3>
}

/** Names and values, one a line. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {rows.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
