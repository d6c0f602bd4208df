import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
const ticking: { timer?: number; now: number } = { now: Date.now() }

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  ticking.now = Date.now()
  ticking.timer ??= window.setInterval(() => {
    ticking.now = Date.now()
    for (const each of listeners) each()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.clearInterval(ticking.timer)
    delete ticking.timer
  }
}

/** The time, told once a second to all who count. One timer for the whole window, none while nobody counts. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => ticking.now)
}
