/** The parts of the window that F6 goes through, in their order on screen: they carry `data-region`. */
function regions(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((region) => region.offsetParent !== null)
}

const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), select, [tabindex]'

/** Moves the focus to the next part of the window, or the one before; where it was last in that part. */
export function moveRegion(step: 1 | -1): void {
  const all = regions()
  const here = all.findIndex((region) => region.contains(document.activeElement))
  const next = all[here < 0 ? (step === 1 ? 0 : all.length - 1) : (here + step + all.length) % all.length]
  if (next === undefined) return
  const kept = next.querySelector<HTMLElement>('[data-kept-focus]')
  const target =
    kept ?? [...next.querySelectorAll<HTMLElement>(FOCUSABLE)].find(({ tabIndex, offsetParent }) => tabIndex >= 0 && offsetParent !== null)
  target?.focus()
}
