import { useEffect } from 'react'
import { type ActionId, actionOf } from './actions.ts'
import { actionFor, useBindings } from './key-bindings.ts'
import { chordOf, worksWhileTyping } from './keys.ts'
import { offersAt, perform } from './offers.ts'
import { shell } from './shell.ts'
import { keepFocus } from '../ui/kept-focus.ts'

const NO_TEXT = new Set(['checkbox', 'radio', 'button', 'submit', 'file', 'range'])

/** Whether a key is being typed into something, which then owns it. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !NO_TEXT.has(target.type)
  return target instanceof HTMLElement && (target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName))
}

/** Listens for the keys of all actions while the frame stands. */
export function useKeys(): void {
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    window.addEventListener('keydown', noteEscape, { capture: true, signal })
    // A terminal keeps what it hears: what leads out of it is heard before.
    window.addEventListener('keydown', (event) => isInTerminal(event) && leave(event), { capture: true, signal })
    window.addEventListener('keydown', (event) => !isInTerminal(event) && handle(event), { signal })
    window.addEventListener('focusin', keepFocus, { signal })
    return () => stop.abort()
  }, [])
}

const isInTerminal = ({ target }: KeyboardEvent): boolean => target instanceof Element && target.closest('.xterm') !== null

/** A browser has them itself. */
const ZOOMS: readonly ActionId[] = ['window.zoom-in', 'window.zoom-out', 'window.zoom-reset']

const LEADS_OUT: ReadonlySet<string | null> = new Set(['window.next-region', 'window.previous-region', 'window.consoles', ...ZOOMS])

function leave(event: KeyboardEvent): void {
  const id = meant(event)
  if (id === null || !LEADS_OUT.has(id)) return
  event.preventDefault()
  event.stopPropagation()
  perform(id, null)
}

function meant(event: KeyboardEvent) {
  const { target } = event
  const chord = event.isComposing ? null : chordOf(event)
  if (chord === null || (isTyping(target) && chord !== 'Escape' && !worksWhileTyping(chord))) return null
  const place = target instanceof Element ? target.closest<HTMLElement>('[data-keys]') : null
  return actionFor(chord, place?.dataset.keys ?? null, useBindings.getState())
}

/** Enter and Space on what can be pressed are its own. */
function isOwn({ key, target }: KeyboardEvent): boolean {
  return (
    (key === 'Enter' || key === ' ') && target instanceof Element && target.closest('button, a, input, summary, [role=menuitem]') !== null
  )
}

/** Some dialogs stay in the page while they are closed. */
const isDialogOpen = (): boolean => [...document.querySelectorAll('[aria-modal=true]')].some((dialog) => dialog.checkVisibility())

/** Whether Escape belongs to something that may be gone, or empty, when the key comes here: noted before. */
const escape = { isSpokenFor: false }

/** A dialog, a menu, a popover or a field with text has Escape for itself, and nothing behind it is closed as well. */
function noteEscape({ key, target }: KeyboardEvent): void {
  const isOpen = isDialogOpen() || document.querySelector('[aria-haspopup][aria-expanded=true]') !== null
  escape.isSpokenFor = key === 'Escape' && (isOpen || (isTyping(target) && !isEmpty(target)))
}

const isEmpty = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.value === ''

function handle(event: KeyboardEvent): void {
  if (event.defaultPrevented || escape.isSpokenFor || isOwn(event)) return
  const target = event.target instanceof Element ? event.target : null
  const id = meant(event)
  // One may go to another place behind a dialog, as after the click that is about to close it; nothing else is done there.
  if (id === null || (isDialogOpen() && actionOf(id).section !== 'Go' && !ZOOMS.includes(id))) return
  if (shell === null && ZOOMS.includes(id)) return
  // Escape is everybody's: it is taken only where there is something to close.
  if (id === 'window.close' && offersAt(target)[id]?.why) return
  event.preventDefault()
  perform(id, target)
}
