import { ActionIcon } from '@mantine/core'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './inspector.module.css'

interface InspectorProps {
  title: string
  chips?: ReactNode
  subtitle?: ReactNode
  onClose: () => void
  children: ReactNode
}

/** The panel on the right: what is known of the one thing that is selected. */
export function Inspector({ title, chips, subtitle, onClose, children }: InspectorProps) {
  return (
    <aside className={styles.inspector} aria-label={title} data-region="inspector">
      <header className={styles.header}>
        <div className={styles.line}>
          <h2 className={styles.title} title={title}>
            {title}
          </h2>
          {chips}
          <ActionIcon className={styles.close} aria-label="Close the inspector" onClick={onClose}>
            <X size={15} />
          </ActionIcon>
        </div>
        {subtitle}
      </header>
      {children}
    </aside>
  )
}
