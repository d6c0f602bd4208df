import type { Device } from '@contract/devices.ts'
import { type KeyboardEvent, useRef } from 'react'
import { useWindow } from '../../app/window-state.ts'
import styles from './bench-grid.module.css'
import { DeviceCard } from './device-card.tsx'

/** The cards, between which arrows move. */
export function BenchGrid({ devices }: { devices: readonly Device[] }) {
  const grid = useRef<HTMLDivElement>(null)
  const { inspector } = useWindow()

  function move(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const { target } = event
    const card = target instanceof Element ? target.closest<HTMLElement>('article[data-device]') : null
    if (card === null || grid.current === null) return
    if (event.key.startsWith('Arrow') && moveFocus(grid.current, card, event.key)) event.preventDefault()
  }

  return (
    <div className={styles.grid} ref={grid} data-keys="bench" onKeyDown={move} role="presentation">
      {devices.map((device) => (
        <DeviceCard key={device.id} device={device} isInspected={device.id === inspector?.deviceId} />
      ))}
    </div>
  )
}

/** Moves the focus to the neighbour in the direction of an arrow key; rows are told apart by where cards stand. */
function moveFocus(grid: HTMLElement, from: HTMLElement, key: string): boolean {
  const cards = [...grid.querySelectorAll<HTMLElement>('article[data-device]')]
  const at = cards.indexOf(from)
  const columns = Math.max(1, cards.filter((card) => card.offsetTop === cards[0]?.offsetTop).length)
  const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }
  const next = cards[at + (steps[key] ?? 0)]
  next?.focus()
  return next !== undefined
}
