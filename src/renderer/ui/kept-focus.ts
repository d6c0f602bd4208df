import { useEffect } from 'react'

/** What had the focus last in the window, dialogs aside. */
const last: { element: HTMLElement | null } = { element: null }

/** Where Tab comes into the list of the place. */
const LIST_STOP = ':is([data-keys] [tabindex="0"], [role=listbox])'

/** In the place, without the inspector that some keep in it. */
const inPlace = (what: string): HTMLElement | null => document.querySelector(`[data-region=content] ${what}:not([data-region=inspector] *)`)

/** Notes in each region where the focus was last, and where it was last of all. */
export function keepFocus({ target }: FocusEvent): void {
  if (!(target instanceof HTMLElement)) return
  const region = target.closest('[data-region]')
  if (region === null) return
  for (const kept of region.querySelectorAll('[data-kept-focus]')) kept.removeAttribute('data-kept-focus')
  target.dataset.keptFocus = ''
  last.element = target
}

/**
 * Gives back the focus of a dialog that goes: the key that follows is heard where one was. The kit does so 10 ms later, but not where its own
 * focus comes late to a dialog that was closed as it opened, nor where what had it was drawn anew meanwhile, as a card that moved.
 */
export function giveFocusBack(): void {
  const { activeElement } = document
  const isTaken = activeElement !== document.body && activeElement?.closest('[aria-modal=true]') === null
  const dialogs = [...document.querySelectorAll('[aria-modal=true]')].filter((dialog) => dialog.checkVisibility())
  if (last.element === null || isTaken || dialogs.length > 1) return
  const kept = last.element.isConnected ? last.element : inPlace(LIST_STOP)
  kept?.focus({ preventScroll: true })
}

export const isFocusLost = (): boolean => document.activeElement === document.body

/** Gives the focus of a panel that goes to where it was in the place beside it, else to the list there. */
export function focusPlace(): void {
  const kept = inPlace('[data-kept-focus]') ?? inPlace(LIST_STOP)
  kept?.focus({ preventScroll: true })
}

/** Gives the focus to the list that is back when what took its place goes. */
export function useFocusBack(): void {
  useEffect(
    () => () => {
      if (isFocusLost()) focusPlace()
    },
    [],
  )
}
