import type { Device } from '@contract/devices.ts'
import { type KeyboardEvent, useRef } from 'react'
import { useAction } from '../../app/use-action.ts'
import { isTyping } from '../../app/use-shortcuts.ts'
import { useWindow } from '../../app/window-state.ts'
import styles from './bench-grid.module.css'
import { DeviceCard } from './device-card.tsx'

/** The cards, and the keys that act on the one that has the focus. */
export function BenchGrid({ devices }: { devices: readonly Device[] }) {
  const grid = useRef<HTMLDivElement>(null)
  const { inspect, askDeploy, inspector } = useWindow()
  const accept = useAction((engine, device: Device) => {
    const waiting = device.authsets.find((authset) => authset.status === 'pending')
    if (waiting === undefined) return Promise.resolve()
    return engine.devices.setAuthStatus({ id: device.id, authsetId: waiting.id, status: 'accepted' })
  })

  function act(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event)) return
    const { target } = event
    const card = target instanceof Element ? target.closest<HTMLElement>('article[data-device]') : null
    const device = devices.find((each) => each.id === card?.dataset.device)
    if (card === null || device === undefined || grid.current === null) return
    const actions: Readonly<Record<string, () => void>> = {
      d: () => device.status === 'accepted' && askDeploy({ deviceIds: [device.id], artifactId: null }),
      l: () => inspect(device.id, 'timeline'),
      a: () => accept.run(device),
      Enter: () => inspect(device.id),
    }
    const run = actions[event.key]
    // Enter on a button inside the card is the button's own.
    if (run !== undefined && (event.key !== 'Enter' || target === card)) {
      event.preventDefault()
      run()
    } else if (event.key.startsWith('Arrow') && moveFocus(grid.current, card, event.key)) event.preventDefault()
  }

  return (
    <div className={styles.grid} ref={grid} onKeyDown={act} role="presentation">
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
