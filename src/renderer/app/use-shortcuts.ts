import { useEffect } from 'react'
import { PLACES } from './rail.tsx'
import { useWindow } from './window-state.ts'

/** Shortcuts of the whole window. Those of a card belong to the bench. */
export const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
  [`Ctrl+1 … ${PLACES.length}`, `Go to ${PLACES.map(({ title }) => title).join(', ')}`],
  ['Ctrl+,', 'Go to Settings'],
  ['Ctrl+N', 'New artifact'],
  ['Ctrl+Shift+F', 'Flash'],
  ['/', 'Filter'],
  ['Arrows', 'Move between cards or artifacts'],
  ['Enter', 'Open the inspector of a card or an artifact'],
  ['D', 'Deploy to a card, or an artifact'],
  ['Space', 'Mark an artifact; Shift+Arrows and Ctrl+A mark more'],
  ['C', 'Compare the two marked artifacts'],
  ['Del', 'Remove artifacts'],
  ['L', 'Timeline of a card'],
  ['A', 'Accept the device of a card that asks to join'],
  ['Esc', 'Close what is open'],
  ['?', 'This sheet'],
]

/** Whether a key is being typed into something, which then owns it. */
export function isTyping(event: KeyboardEvent | React.KeyboardEvent): boolean {
  const { target } = event
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

/** Listens for the window's shortcuts while the frame stands. */
export function useShortcuts(): void {
  useEffect(() => {
    window.addEventListener('keydown', handle)
    return () => window.removeEventListener('keydown', handle)
  }, [])
}

function handle(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey) {
    if (command(event)) event.preventDefault()
    return
  }
  const state = useWindow.getState()
  if (event.altKey || isTyping(event) || state.deploy !== null || state.sheet !== null) return
  if (event.key === '?') state.showSheet('shortcuts')
  else if (event.key === 'Escape') state.closeInspector()
  else if (event.key === '/') {
    event.preventDefault()
    document.querySelector<HTMLInputElement>('input[type=search]')?.focus()
  }
}

/** Carries out Ctrl with this key; answers whether it means anything. */
function command({ key, shiftKey }: KeyboardEvent): boolean {
  const { deploy, sheet, go, showSheet } = useWindow.getState()
  const place = PLACES[Number(key) - 1]?.place
  if (place !== undefined) go(place)
  else if (key === ',') go('settings')
  else if (key === 'n' && deploy === null && sheet === null) {
    go('artifacts')
    showSheet('new-artifact')
  } else if (key.toLowerCase() === 'f' && shiftKey) go('flash')
  else return false
  return true
}
