import { type FocusEvent, type KeyboardEvent, type MouseEvent, type RefObject, useLayoutEffect, useRef } from 'react'
import { useOffers } from '../../app/offers.ts'
import { useWindow } from '../../app/window-state.ts'
import { type BenchRow, between, neighbour } from './bench-rows.ts'
import { useBench } from './bench-state.ts'

interface Hands {
  scroller: RefObject<HTMLElement | null>
  rows: readonly BenchRow[]
  order: readonly string[]
  focusable: string | null
  /** Brings a row into sight. */
  reveal: (row: number) => void
}

const MOVES = new Set(['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Home', 'End'])
const OWN = 'button, input, label, a, [role=menu]'

const deviceAt = (target: EventTarget): string | null =>
  target instanceof Element ? (target.closest<HTMLElement>('[data-device]')?.dataset.device ?? null) : null

/** Moving through the bench and marking, by keys and by mouse: Shift marks all the way, Ctrl one more. */
export function useBenchHands({ scroller, rows, order, focusable, reveal }: Hands) {
  const { view, marked, mark, toggle, setCurrent } = useBench()
  const { inspect } = useWindow()
  useOffers(() => ({
    'device.mark-all': { run: () => mark(order) },
    ...(marked.length > 0 && { 'window.close': { run: () => mark([]) } }),
  }))

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    const from = deviceAt(event.target)
    if (from === null || !MOVES.has(event.key) || event.ctrlKey || event.altKey || event.metaKey) return
    const next = neighbour(rows, from, event.key)
    if (next === null) return
    event.preventDefault()
    if (event.shiftKey) mark([...new Set([...marked, ...between(order, from, next.id)])])
    setCurrent(next.id)
    reveal(next.row)
    focusSoon(event.currentTarget, next.id)
  }

  function onClick(event: MouseEvent<HTMLElement>): void {
    const { target } = event
    const id = deviceAt(target)
    if (id === null || (target instanceof Element && target.closest(OWN) !== null)) return
    if (event.ctrlKey || event.metaKey) toggle(id)
    else if (event.shiftKey) mark(between(order, focusable ?? id, id))
    else if (view !== 'cards') inspect(id)
    setCurrent(id)
  }

  function onFocus({ target }: FocusEvent): void {
    const id = deviceAt(target)
    if (id !== null && id !== focusable) setCurrent(id)
  }
  const onBlur = useHeldFocus(scroller, focusable)
  return { onKeyDown, onClick, onFocus, onBlur }
}

/** A card that comes to stand in another row is drawn anew: the focus that it had is given back. Answers the handler of blur. */
function useHeldFocus(scroller: RefObject<HTMLElement | null>, focusable: string | null) {
  const held = useRef<string | null>(null)
  useLayoutEffect(() => {
    const { activeElement } = document
    if (activeElement !== null && scroller.current?.contains(activeElement)) held.current = focusable
    else if (held.current !== null && activeElement === document.body && scroller.current !== null)
      focusSoon(scroller.current, held.current)
  })
  return ({ relatedTarget }: FocusEvent): void => {
    if (relatedTarget !== null) held.current = null
  }
}

/** The row may have to be drawn first. */
function focusSoon(within: HTMLElement, id: string, tries = 5): void {
  const element = within.querySelector<HTMLElement>(`[data-device="${CSS.escape(id)}"]`)
  if (element !== null) element.focus({ preventScroll: true })
  else if (tries > 0) requestAnimationFrame(() => focusSoon(within, id, tries - 1))
}
