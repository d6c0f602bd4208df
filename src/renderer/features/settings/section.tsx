import type { ReactNode } from 'react'
import styles from './settings.module.css'

interface SectionProps {
  title: string
  /** One sentence on what it is for. */
  text?: string
  children: ReactNode
}

/** One thing that can be set. */
export function Section({ title, text, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      {text !== undefined && <p className={styles.text}>{text}</p>}
      {children}
    </section>
  )
}
