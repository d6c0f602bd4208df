import type { ReactNode } from 'react'
import styles from './drop-zones.module.css'

/** What a drop would do, said while files hover: one zone for each choice. They cover the nearest positioned element. */
export function DropZones({ children }: { children: ReactNode }) {
  return (
    <div className={styles.zones} data-zones>
      {children}
    </div>
  )
}

interface DropZoneProps {
  /** Where the drop finds it: `data-drop` of the element that was dropped on. */
  name: string
  icon: ReactNode
  children: ReactNode
}

export function DropZone({ name, icon, children }: DropZoneProps) {
  return (
    <div className={styles.zone} data-drop={name}>
      {icon}
      {children}
    </div>
  )
}
