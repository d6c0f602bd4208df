import { type BrowserWindow, Notification, dialog, powerSaveBlocker } from 'electron'
import type { PageRequests } from './page-requests.ts'

/** What the page says goes on. */
export interface Work {
  /** From 0 to 1; null: nothing goes on. */
  fraction: number | null
  /** What quitting would stop, a sentence each. */
  reasons: readonly string[]
}

/** Work that must not be cut off without a word: shown in the taskbar, kept awake for, and asked about before the window closes. */
export class OngoingWork {
  #reasons: readonly string[] = []
  #awake: number | null = null

  show({ fraction, reasons }: Work, window: BrowserWindow): void {
    this.#reasons = reasons
    window.setProgressBar(fraction ?? -1)
    if (reasons.length > 0) this.#awake ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (this.#awake !== null) {
      powerSaveBlocker.stop(this.#awake)
      this.#awake = null
    }
  }

  /** Asks before `window` closes while something goes on. */
  guard(window: BrowserWindow): void {
    window.on('close', (event) => {
      if (this.#reasons.length === 0) return
      event.preventDefault()
      void this.#ask(window)
    })
  }

  async #ask(window: BrowserWindow): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      message: this.#reasons.length === 1 ? 'Stop this and quit?' : `Stop ${this.#reasons.length} jobs and quit?`,
      detail: `${this.#reasons.join('\n')}\n\nA drive that is half written can be finished at the next start; everything else is started again.`,
      buttons: ['Go on', 'Stop and quit'],
      defaultId: 0,
      cancelId: 0,
    })
    if (response === 0) return
    this.#reasons = []
    window.close()
  }
}

/** Tells something to who looks elsewhere; a click brings the window back, and follows the link. */
export function notifyWhenAway(
  { title, body, link }: { title: string; body: string; link: string | null },
  window: BrowserWindow,
  requests: PageRequests,
): void {
  if (window.isFocused() || !Notification.isSupported()) return
  const notification = new Notification({ title, body })
  notification.on('click', () => {
    window.show()
    window.focus()
    if (link !== null) requests.ask({ kind: 'link', link })
  })
  notification.show()
}
