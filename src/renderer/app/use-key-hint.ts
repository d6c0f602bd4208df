import type { ActionId } from './actions.ts'
import { keysOf, useBindings } from './key-bindings.ts'
import { ariaChord, shownChord } from './keys.ts'

export interface KeyHint {
  /** As printed on a key; absent without one. */
  shown: string | undefined
  /** ` (Ctrl+K)`, to stand behind a label; empty without one. */
  suffix: string
  /** As `aria-keyshortcuts` wants it. */
  aria: string | undefined
}

/** Tells the key of an action as it is now, for tooltips and screen readers. */
export function useKeyHint(): (id: ActionId) => KeyHint {
  const bindings = useBindings()
  return (id) => {
    const [chord] = keysOf(id, bindings)
    if (chord === undefined) return { shown: undefined, suffix: '', aria: undefined }
    return { shown: shownChord(chord), suffix: ` (${shownChord(chord)})`, aria: ariaChord(chord) }
  }
}
