import { t } from '@lingui/core/macro'
import { AppError } from '@contract/errors.ts'

/** Browsers keep their clipboard from a page that came by plain HTTP, but not a command to copy that a person has just given. */
export function provideClipboard(): void {
  if (!('clipboard' in navigator)) Object.defineProperty(navigator, 'clipboard', { value: { writeText } })
}

async function writeText(text: string): Promise<void> {
  let isGiven = false
  function give(event: ClipboardEvent): void {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    event.stopImmediatePropagation()
    isGiven = true
  }
  window.addEventListener('copy', give, { capture: true })
  document.execCommand('copy')
  window.removeEventListener('copy', give, { capture: true })
  if (!isGiven)
    throw new AppError('PERMISSION', t`The browser let nothing be copied`, t`Open the page by https, or select the text and copy it.`)
}
