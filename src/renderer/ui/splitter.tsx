import type { KeyboardEvent, PointerEvent } from 'react'
import styles from './splitter.module.css'

interface SplitterProps {
  /** What is made wider or narrower: `Width of the inspector`. */
  label: string
  /** Which edge of the pane it is: that which grows as it goes left, or up. */
  edge: 'left' | 'top'
  sizePx: number
  onResize: (sizePx: number) => void
}

const STEP_PX = 32

/** The edge of a pane, which is dragged or moved with the arrows. It lies over the nearest positioned element's edge. */
export function Splitter({ label, edge, sizePx, onResize }: SplitterProps) {
  const [more, less] = edge === 'left' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
  const at = (event: { clientX: number; clientY: number }): number => (edge === 'left' ? event.clientX : event.clientY)
  function drag(event: PointerEvent<HTMLHRElement>): void {
    const { currentTarget, pointerId } = event
    const from = at(event)
    currentTarget.setPointerCapture(pointerId)
    const stop = new AbortController()
    const follow = (moved: globalThis.PointerEvent): void => onResize(sizePx + from - at(moved))
    currentTarget.addEventListener('pointermove', follow, { signal: stop.signal })
    currentTarget.addEventListener('lostpointercapture', () => stop.abort(), { once: true })
  }
  function move(event: KeyboardEvent): void {
    const step = event.key === more ? STEP_PX : event.key === less ? -STEP_PX : 0
    if (step === 0) return
    event.preventDefault()
    onResize(sizePx + step)
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the same
    <hr
      className={styles.splitter}
      data-edge={edge}
      aria-label={label}
      aria-orientation={edge === 'left' ? 'vertical' : 'horizontal'}
      aria-valuenow={sizePx}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a separator that is moved is operated by keyboard too
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={move}
    />
  )
}
