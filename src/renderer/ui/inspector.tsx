import { t } from '@lingui/core/macro'
import { ActionIcon } from '@mantine/core'
import { X } from 'lucide-react'
import { type CSSProperties, type ReactNode, useLayoutEffect, useRef } from 'react'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import styles from './inspector.module.css'
import { focusPlace, isFocusLost } from './kept-focus.ts'
import { Splitter } from './splitter.tsx'

interface InspectorProps {
  title: string
  chips?: ReactNode
  subtitle?: ReactNode
  onClose: () => void
  children: ReactNode
}

const [LEAST_PX, MOST_PX] = [320, 900]

/** How wide inspectors are: one width for all of them, which outlives the window. */
const useInspectorWidth = create<{ widthPx: number; resize: (widthPx: number) => void }>()(
  persist((set) => ({ widthPx: 480, resize: (widthPx) => set({ widthPx: Math.round(Math.min(MOST_PX, Math.max(LEAST_PX, widthPx))) }) }), {
    name: 'inspector',
    partialize: ({ widthPx }) => ({ widthPx }),
  }),
)

/** How the inspector that is there is closed; null where none is. */
const there: { close: (() => void) | null } = { close: null }

/** How to close the inspector, whichever place has it; null where none is. */
export const openInspector = (): (() => void) | null => there.close

/** The panel on the right: what is known of the one thing that is selected. */
export function Inspector({ title, chips, subtitle, onClose, children }: InspectorProps) {
  const { widthPx, resize } = useInspectorWidth()
  const panel = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    there.close = onClose
    return () => void (there.close = null)
  }, [onClose])
  useLayoutEffect(() => {
    const { current } = panel
    return () => {
      if (current?.contains(document.activeElement) || isFocusLost()) focusPlace()
    }
  }, [])
  const style: CSSProperties & { '--inspector': string } = { '--inspector': `${widthPx}px` }
  return (
    <aside ref={panel} className={styles.inspector} style={style} aria-label={title} data-region="inspector">
      <Splitter edge="left" label={t`Width of the inspector`} sizePx={widthPx} onResize={resize} />
      <header className={styles.header}>
        <div className={styles.line}>
          <h2 className={styles.title} title={title}>
            {title}
          </h2>
          {chips}
          <ActionIcon className={styles.close} aria-label={t`Close the inspector`} onClick={onClose}>
            <X size={15} />
          </ActionIcon>
        </div>
        {subtitle}
      </header>
      {children}
    </aside>
  )
}

/** What the inspector says, above its buttons; it scrolls. */
export function InspectorBody({ children }: { children: ReactNode }) {
  return <div className={styles.body}>{children}</div>
}

/** Its buttons. */
export function InspectorFoot({ children }: { children: ReactNode }) {
  return <footer className={styles.foot}>{children}</footer>
}
