import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './empty.module.css'

interface EmptyProps {
  icon: LucideIcon
  title: string
  /** What would fill this. */
  text: string
  /** Its one action. */
  children?: ReactNode
}

/** A list with nothing in it: says what would fill it. */
export function Empty({ icon: Icon, title, text, children }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <Icon size={28} strokeWidth={1.25} aria-hidden />
      <h2 className={styles.title}>{title}</h2>
      <p className={styles.text}>{text}</p>
      {children}
    </div>
  )
}
