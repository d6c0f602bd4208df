import type { ReactNode } from 'react'
import styles from './tabbed-page.module.css'
import { Tabs, type TabsProps, tabPanel } from './tabs.tsx'

/** The content of a place that is all tabs: their row stays, and the panel below fills the rest and scrolls. */
export function TabbedPage<T extends string>({ children, ...tabs }: TabsProps<T> & { children: ReactNode }) {
  return (
    <div className={styles.page}>
      <Tabs {...tabs} />
      <div className={styles.panel} {...tabPanel(tabs.value)}>
        {children}
      </div>
    </div>
  )
}
