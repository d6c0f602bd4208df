import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'
import { useVirtualRows } from './use-virtual-rows.ts'
import styles from './virtual-list.module.css'

export interface VirtualListProps<T> {
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
  const virtual = useVirtualRows({
    ...{ count: items.length, scroller: list, spare: SPARE },
    sizeOf: () => rowHeight,
    keyOf: (index) => {
      const item = items[index]
      return item === undefined ? `${index}` : keyOf(item)
    },
  })
  const selected = items.findIndex((item) => keyOf(item) === selectedKey)
  const shown = virtual.getVirtualItems()

  function move(event: KeyboardEvent<HTMLDivElement>): void {
    const target = targetOf(event.key, {
      from: selected,
      last: items.length - 1,
      page: Math.max(1, Math.floor((list.current?.clientHeight ?? 0) / rowHeight) - 1),
    })
    if (target === null || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    const item = items[target]
    if (item === undefined) return
    onSelect(item)
    virtual.scrollToIndex(target)
  }

  return (
    <div
      ref={list}
      className={styles.list}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select draws all of its options
      role="listbox"
      aria-label={label}
      aria-activedescendant={shown.some(({ index }) => index === selected) ? `${id}-${selected}` : undefined}
      tabIndex={0}
      onKeyDown={move}
    >
      <div className={styles.all} role="presentation" style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const item = items[index]
          if (item === undefined) return null
          const place = { id: `${id}-${index}`, index, count: items.length, start, height: rowHeight }
          return (
            <Option key={keyOf(item)} {...place} isSelected={index === selected} onSelect={() => onSelect(item)}>
              {children(item)}
            </Option>
          )
        })}
      </div>
    </div>
  )
}

interface OptionProps {
  id: string
  index: number
  count: number
  start: number
  height: number
  isSelected: boolean
  onSelect: () => void
  children: ReactNode
}

function Option({ id, index, count, start, height, isSelected, onSelect, children }: OptionProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list has the focus and hears the keys
    <div
      id={id}
      className={styles.row}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
      role="option"
      aria-selected={isSelected}
      aria-setsize={count}
      aria-posinset={index + 1}
      style={{ top: start, height }}
      onClick={onSelect}
    >
      {children}
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
