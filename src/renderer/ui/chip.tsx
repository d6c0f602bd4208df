import type { TermName } from '@contract/glossary.ts'
import type { ReactNode } from 'react'
import styles from './chip.module.css'
import { meaningOf } from './meaning.ts'

/** A small fact beside a name. */
export function Chip({ children, title }: { children: ReactNode; title?: string | undefined }) {
  return (
    <span className={styles.chip} title={title}>
      {children}
    </span>
  )
}

/** A label over a figure or a list; where it is a word of the glossary, its meaning is there on hover. */
export function Label({ children, term }: { children: ReactNode; term?: TermName | undefined }) {
  return (
    <h3 className={styles.label}>
      <span {...(term !== undefined && { title: meaningOf(term), className: styles.term })}>{children}</span>
    </h3>
  )
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
