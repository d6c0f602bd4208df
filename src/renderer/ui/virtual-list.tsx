import { type KeyboardEvent, type ReactNode, useEffectEvent, useId, useLayoutEffect, useRef, useState } from 'react'
import styles from './virtual-list.module.css'

interface VirtualListProps<T> {
  label: string
  items: readonly T[]
  rowHeight: number
  keyOf: (item: T) => string
  selectedKey: string | null
  onSelect: (item: T) => void
  children: (item: T) => ReactNode
}

/** Rows that are drawn above and below what is seen. */
const SPARE = 6

/** A list of any length in rows of one height, of which only those in sight are drawn. Arrows, Page, Home and End move the selection. */
export function VirtualList<T>({ label, items, rowHeight, keyOf, selectedKey, onSelect, children }: VirtualListProps<T>) {
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  const { top, height, follow } = useSight(list)
  const selected = items.findIndex((item) => keyOf(item) === selectedKey)
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE)
  const shown = items.slice(first, Math.ceil((top + height) / rowHeight) + SPARE)

  function move(event: KeyboardEvent<HTMLDivElement>): void {
    const target = targetOf(event.key, { from: selected, last: items.length - 1, page: Math.max(1, Math.floor(height / rowHeight) - 1) })
    if (target === null || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    const item = items[target]
    if (item === undefined) return
    onSelect(item)
    reveal(list.current, target, rowHeight)
  }

  return (
    <div
      ref={list}
      className={styles.list}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select draws all of its options
      role="listbox"
      aria-label={label}
      aria-activedescendant={selected >= first && selected < first + shown.length ? `${id}-${selected}` : undefined}
      tabIndex={0}
      onScroll={follow}
      onKeyDown={move}
    >
      <div className={styles.all} role="presentation" style={{ height: items.length * rowHeight }}>
        {shown.map((item, offset) => {
          const index = first + offset
          return (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list has the focus and hears the keys
            <div
              key={keyOf(item)}
              id={`${id}-${index}`}
              className={styles.row}
              // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
              role="option"
              aria-selected={index === selected}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ top: index * rowHeight, height: rowHeight }}
              onClick={() => onSelect(item)}
            >
              {children(item)}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** The row that a key goes to; null when it is no such key. */
function targetOf(key: string, { from, last, page }: { from: number; last: number; page: number }): number | null {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: from + 1,
    ArrowUp: from < 0 ? last : from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: last,
  }
  const target = targets[key]
  return target === undefined ? null : Math.min(last, Math.max(0, target))
}

/** What part of a scrolling element is seen. */
function useSight(of: React.RefObject<HTMLElement | null>) {
  const [sight, setSight] = useState({ top: 0, height: 0 })
  function follow(): void {
    const { scrollTop: top = 0, clientHeight: height = 0 } = of.current ?? {}
    setSight((last) => (last.top === top && last.height === height ? last : { top, height }))
  }
  const measure = useEffectEvent(follow)
  useLayoutEffect(() => {
    if (of.current === null) return
    const observer = new ResizeObserver(() => measure())
    observer.observe(of.current)
    return () => observer.disconnect()
  }, [of])
  return { ...sight, follow }
}

function reveal(list: HTMLElement | null, index: number, rowHeight: number): void {
  if (list === null) return
  const { scrollTop, clientHeight } = list
  if (index * rowHeight < scrollTop) list.scrollTop = index * rowHeight
  else if ((index + 1) * rowHeight > scrollTop + clientHeight) list.scrollTop = (index + 1) * rowHeight - clientHeight
}
