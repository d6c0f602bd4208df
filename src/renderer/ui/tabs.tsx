import type { KeyboardEvent } from 'react'
import styles from './tabs.module.css'

export interface TabsProps<T extends string> {
  label: string
  tabs: readonly (readonly [value: T, title: string])[]
  value: T
  onChange: (value: T) => void
  /** Many of them in a narrow panel. */
  isDense?: boolean
}

/** A row of tabs. The panel below carries `tabPanel(value)`. */
export function Tabs<T extends string>({ label, tabs, value, onChange, isDense = false }: TabsProps<T>) {
  function move(event: KeyboardEvent<HTMLDivElement>): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.stopPropagation()
    const at = tabs.findIndex(([each]) => each === value)
    const next = tabs[(at + step + tabs.length) % tabs.length]
    if (next === undefined) return
    onChange(next[0])
    event.currentTarget.querySelector<HTMLElement>(`#tab-${next[0]}`)?.focus()
  }
  return (
    <div className={styles.tabs} data-dense={isDense} role="tablist" aria-label={label} onKeyDown={move} tabIndex={-1}>
      {tabs.map(([each, title]) => (
        <button
          key={each}
          id={`tab-${each}`}
          type="button"
          role="tab"
          className={styles.tab}
          aria-selected={each === value}
          tabIndex={each === value ? 0 : -1}
          onClick={() => onChange(each)}
        >
          {title}
        </button>
      ))}
    </div>
  )
}

/** What makes an element the panel of a tab. */
export function tabPanel(value: string) {
  return { role: 'tabpanel', 'aria-labelledby': `tab-${value}`, tabIndex: 0 } as const
}
