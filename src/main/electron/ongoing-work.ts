import { plural, t } from '@lingui/core/macro'
import { type BrowserWindow, Notification, dialog, powerSaveBlocker } from 'electron'
import type { EngineProcess } from './engine-process.ts'
import type { AppMenu } from './menu.ts'
import type { PageRequests } from './page-requests.ts'

/** What the page says goes on. */
export interface Work {
  /** From 0 to 1; null: nothing goes on. */
  fraction: number | null
  /** What quitting would stop, a sentence each. */
  reasons: readonly string[]
}

interface WorkParts {
  engine: Pick<EngineProcess, 'state'>
  menu: AppMenu
}

/**
 * Work that must not be cut off without a word: shown in the taskbar, kept awake for, and asked about before the window closes. While it
 * locks the window, that does not close at all.
 */
export class OngoingWork {
  readonly #parts: WorkParts
  #isLocked = false
  #reasons: readonly string[] = []
  #awake: number | null = null

  constructor(parts: WorkParts) {
    this.#parts = parts
  }

  show({ fraction, reasons }: Work, window: BrowserWindow): void {
    this.#reasons = reasons
    window.setProgressBar(fraction ?? -1)
    if (reasons.length > 0) this.#awake ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (this.#awake !== null) {
      powerSaveBlocker.stop(this.#awake)
      this.#awake = null
    }
  }

  /** The window is all that the screen shows, and only its page leads out of it. */
  lock(isOn: boolean, window: BrowserWindow): void {
    this.#isLocked = isOn
    this.#parts.menu.holdBack(isOn)
    window.setKiosk(isOn)
  }

  /** Asks before `window` closes while something goes on. */
  guard(window: BrowserWindow): void {
    window.webContents.on('render-process-gone', () => this.lock(false, window))
    window.on('close', (event) => {
      // Without an engine no page leads out.
      if (this.#isLocked && this.#parts.engine.state.state === 'running') return event.preventDefault()
      if (this.#reasons.length === 0) return
      event.preventDefault()
      void this.#ask(window)
    })
  }

  async #ask(window: BrowserWindow): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      message: plural(this.#reasons.length, { one: 'Stop this and quit?', other: 'Stop # jobs and quit?' }),
      detail: `${this.#reasons.join('\n')}\n\n${t`A drive that is half written can be finished at the next start; everything else is started again.`}`,
      buttons: [t`Go on`, t`Stop and quit`],
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
