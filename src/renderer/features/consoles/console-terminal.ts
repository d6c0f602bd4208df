import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { newTerminal } from '../../ui/xterm.ts'
import { LineTimes } from './line-times.ts'

const SCROLLBACK_LINES = 5000

export interface TimedRow {
  at: number | null
}

export interface ConsoleTerminal {
  terminal: ReturnType<typeof newTerminal>
  search: SearchAddon
  times: LineTimes
  /** The times of the rows that are seen; a row that goes on from the one above has none. */
  rows(): TimedRow[]
  rowHeightPx(): number
  dispose(): void
}

/** A terminal with a search, and with keys as a console wants them: all go to the board but copy, paste, and those that lead out of it. */
export function openConsoleTerminal(place: HTMLElement, label: string): ConsoleTerminal {
  const terminal = newTerminal(place, { cursorBlink: true, scrollback: SCROLLBACK_LINES, allowProposedApi: true })
  const [fit, search] = [new FitAddon(), new SearchAddon()]
  terminal.loadAddon(fit)
  terminal.loadAddon(search)
  terminal.open(place)
  terminal.textarea?.setAttribute('aria-label', label)
  terminal.attachCustomKeyEventHandler((event) => handle(event, terminal))
  fit.fit()
  const watcher = new ResizeObserver(() => fit.fit())
  watcher.observe(place)
  const times = new LineTimes(terminal)
  return {
    ...{ terminal, search, times },
    rows: () => rowsOf(terminal, times),
    rowHeightPx: () => (terminal.element?.querySelector('.xterm-screen')?.clientHeight ?? 0) / terminal.rows,
    dispose() {
      watcher.disconnect()
      terminal.dispose()
    },
  }
}

/** Answers whether the terminal takes the key. */
function handle(event: KeyboardEvent, terminal: ReturnType<typeof newTerminal>): boolean {
  const { key, ctrlKey, shiftKey, type } = event
  if (!ctrlKey || !shiftKey) return true
  if (key.toLowerCase() === 'c' && type === 'keydown') {
    event.preventDefault()
    if (terminal.hasSelection()) void navigator.clipboard.writeText(terminal.getSelection())
  }
  // Ctrl+Shift+V pastes by itself: the page gets its paste event.
  return key.toLowerCase() !== 'c' && key.toLowerCase() !== 'v'
}

function rowsOf({ buffer, rows }: ReturnType<typeof newTerminal>, times: LineTimes): TimedRow[] {
  const { active } = buffer
  return Array.from({ length: rows }, (_, row) => {
    const line = active.viewportY + row
    const isBlank = line > active.baseY + active.cursorY || active.getLine(line)?.isWrapped === true
    return { at: isBlank ? null : times.at(line) }
  })
}
