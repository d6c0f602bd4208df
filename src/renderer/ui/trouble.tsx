import type { ReactNode } from 'react'
import styles from './trouble.module.css'

/** Why something is not as it should be. */
export function Trouble({ children }: { children: ReactNode }) {
  return <p className={styles.trouble}>{children}</p>
}
