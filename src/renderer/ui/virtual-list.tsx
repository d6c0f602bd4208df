import { type KeyboardEvent, memo, type ReactNode, type RefObject, useEffect, useEffectEvent, useId, useRef } from 'react'
import { useVirtualRows } from './use-virtual-rows.ts'
import styles from './virtual-list.module.css'

export interface VirtualListProps<T> {
  label: string
  /** null while they are looked for. */
  items: readonly T[] | null
  rowHeight: number
  /** For who measures what the rows are scrolled in. */
  scroller?: RefObject<HTMLDivElement | null>
  keyOf: (item: T) => string
  selectedKey: string | null
  onSelect: (item: T) => void
  children: (item: T) => ReactNode
}

/** Rows that are drawn above and below what is seen. */
const SPARE = 6

/** A list of any length in rows of one height, of which only those in sight are drawn. Arrows, Page, Home and End move the selection. */
export function VirtualList<T>({ label, items: found, rowHeight, scroller, keyOf, selectedKey, onSelect, children }: VirtualListProps<T>) {
  const items = found ?? []
  const own = useRef<HTMLDivElement>(null)
  const list = scroller ?? own
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

  const move = useMoves(found !== null, (moves) => {
    const page = Math.max(1, Math.floor((list.current?.clientHeight ?? 0) / rowHeight) - 1)
    const last = items.length - 1
    const target = moves.reduce((from, to) => Math.min(last, Math.max(0, to({ from, last, page }))), selected)
    const item = items[target]
    if (item === undefined) return
    onSelect(item)
    virtual.scrollToIndex(target)
  })

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
          return <Option key={keyOf(item)} {...place} item={item} isSelected={index === selected} onSelect={onSelect} draw={children} />
        })}
      </div>
    </div>
  )
}

interface OptionProps<T> {
  id: string
  item: T
  index: number
  count: number
  start: number
  height: number
  isSelected: boolean
  onSelect(item: T): void
  draw(item: T): ReactNode
}

/** While the list is scrolled, only rows that come into sight are drawn. */
const Option = memo(function Option<T>({ id, item, index, count, start, height, isSelected, onSelect, draw }: OptionProps<T>) {
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
      onClick={() => onSelect(item)}
    >
      {draw(item)}
    </div>
  )
})

/** From a row, of which -1 is none, to another. */
type Move = (at: { from: number; last: number; page: number }) => number

const MOVES: Readonly<Record<string, Move>> = {
  ArrowDown: ({ from }) => from + 1,
  ArrowUp: ({ from, last }) => (from < 0 ? last : from - 1),
  PageDown: ({ from, page }) => from + page,
  PageUp: ({ from, page }) => from - page,
  Home: () => 0,
  End: ({ last }) => last,
}

/** Hears the keys that move; those pressed before there is anything to move to count when there is. */
function useMoves(isThere: boolean, go: (moves: readonly Move[]) => void): (event: KeyboardEvent) => void {
  const early = useRef<readonly Move[]>([])
  const catchUp = useEffectEvent(() => {
    if (early.current.length > 0) go(early.current)
    early.current = []
  })
  useEffect(() => {
    if (isThere) catchUp()
  }, [isThere])
  return (event) => {
    const move = MOVES[event.key]
    if (move === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    if (isThere) go([move])
    else early.current = [...early.current, move]
  }
}
