import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { FitAddon } from '@xterm/addon-fit'
import type { Terminal } from '@xterm/xterm'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { fromBase64, toBase64 } from '../../app/base64.ts'
import type { Engine } from '../../app/connection.ts'
import { useConnection } from '../../app/connection-context.tsx'
import { newTerminal } from '../../ui/xterm.ts'
import styles from './terminal-tab.module.css'

/** A shell on the device, as long as this tab is open. */
export default function TerminalTab({ deviceId, name }: { deviceId: string; name: string }) {
  const [turn, setTurn] = useState(0)
  const [closed, setClosed] = useState<string | null>(null)
  function again(): void {
    setClosed(null)
    setTurn((last) => last + 1)
  }
  return (
    <div className={styles.frame}>
      <Screen key={turn} deviceId={deviceId} label={t`Terminal on ${name}`} onClosed={setClosed} />
      {closed !== null && (
        <output className={styles.closed}>
          <span>{closed === '' ? t`The shell has ended.` : closed}</span>
          <Button size="compact-xs" variant="default" onClick={again}>
            {t`Open again`}
          </Button>
        </output>
      )}
    </div>
  )
}

interface ScreenProps {
  deviceId: string
  label: string
  /** Why it closed; empty when the shell ended by itself. */
  onClosed: (why: string) => void
}

function Screen({ deviceId, label, onClosed }: ScreenProps) {
  const place = useRef<HTMLDivElement>(null)
  const connection = useConnection()
  const tellClosed = useEffectEvent(onClosed)
  useEffect(() => {
    const { current } = place
    if (current === null) return
    const abort = new AbortController()
    const { signal } = abort
    const screen = openScreen(current, label)
    const run = async (): Promise<void> => {
      try {
        const { engine } = await connection.opened()
        tellClosed(await attend(engine, { deviceId, screen, signal }))
      } catch (thrown) {
        if (!signal.aborted) tellClosed(connection.explain(thrown).message)
      }
    }
    void run()
    return () => {
      abort.abort()
      screen.dispose()
    }
  }, [connection, deviceId, label])
  return <div ref={place} className={styles.screen} />
}

interface Screen {
  terminal: Terminal
  /** Calls `listener` when the window of the terminal has another size. */
  onResize(listener: () => void): void
  dispose(): void
}

function openScreen(place: HTMLElement, label: string): Screen {
  const terminal = newTerminal(place, { cursorBlink: true, scrollback: 5000 })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(place)
  terminal.textarea?.setAttribute('aria-label', label)
  fit.fit()
  terminal.focus()
  const watcher = new ResizeObserver(() => fit.fit())
  watcher.observe(place)
  return {
    terminal,
    onResize: (listener) => void terminal.onResize(listener),
    dispose() {
      watcher.disconnect()
      terminal.dispose()
    },
  }
}

interface Attending {
  deviceId: string
  screen: Screen
  signal: AbortSignal
}

/** Shows what the device prints and sends what is typed until the shell ends; answers why it closed. */
async function attend(engine: Engine, { deviceId, screen, signal }: Attending): Promise<string> {
  const { terminal } = screen
  const size = () => ({ columns: terminal.cols, rows: terminal.rows })
  for await (const event of await engine.remote.terminal({ deviceId, ...size() }, { signal })) {
    if (event.kind === 'closed') return event.why
    if (event.kind === 'output') terminal.write(fromBase64(event.data))
    else {
      const { terminalId } = event
      // A terminal that is gone says so by its end.
      const send = (data: string): void => void engine.remote.type({ terminalId, data }).catch(() => undefined)
      terminal.onData((text) => send(toBase64(text)))
      screen.onResize(() => void engine.remote.resize({ terminalId, ...size() }).catch(() => undefined))
    }
  }
  return t`The engine has stopped.`
}
