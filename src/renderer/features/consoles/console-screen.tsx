import { t } from '@lingui/core/macro'
import type { BoardConsole } from '@contract/consoles.ts'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { fromBase64, toBase64 } from '../../app/base64.ts'
import type { Engine } from '../../app/connection.ts'
import { useConnection, useLink } from '../../app/connection-context.tsx'
import { useDock } from '../../app/dock-state.ts'
import { preciseClock } from '../../ui/format.ts'
import styles from './console-dock.module.css'
import { type ConsoleTerminal, openConsoleTerminal, type TimedRow } from './console-terminal.ts'
import { SearchBar } from './search-bar.tsx'

interface ConsoleScreenProps {
  shown: BoardConsole
  isSearching: boolean
  onSearchEnd: () => void
}

/** What a console prints, and where one types to it. The engine keeps what was printed: a page that was reloaded shows it again. */
export default function ConsoleScreen({ shown: { id, place, state }, isSearching, onSearchEnd }: ConsoleScreenProps) {
  const screen = useRef<HTMLDivElement>(null)
  const [opened, setOpened] = useState<ConsoleTerminal | null>(null)
  const { hasTimes } = useDock()
  const problem = useAttached(opened, id, state)
  useEffect(() => {
    const { current } = screen
    if (current === null) return
    const terminal = openConsoleTerminal(current, t`Console of ${place}`)
    setOpened(terminal)
    return () => terminal.dispose()
  }, [place])
  // Not before somebody listens to what is typed.
  useEffect(() => {
    opened?.terminal.focus()
  }, [opened])
  return (
    <div className={styles.screenFrame}>
      {isSearching && opened !== null && (
        <SearchBar
          opened={opened}
          onEnd={() => {
            onSearchEnd()
            opened.terminal.focus()
          }}
        />
      )}
      <div className={styles.screenRow}>
        {hasTimes && opened !== null && <Times opened={opened} />}
        <div ref={screen} className={styles.screen} />
      </div>
      {problem !== '' && <output className={styles.refused}>{problem}</output>}
    </div>
  )
}

/** Shows what is printed, again with each new engine, and sends what is typed; answers why it was not taken. */
function useAttached(opened: ConsoleTerminal | null, id: string, state: BoardConsole['state']): string {
  const connection = useConnection()
  const link = useLink()
  const [problem, setProblem] = useState('')
  const isOpen = useEffectEvent(() => state === 'open')
  useEffect(() => {
    if (opened === null || link.kind !== 'open') return
    const abort = new AbortController()
    const { engine } = link
    const { terminal } = opened
    terminal.reset()
    const refused = (thrown: unknown): void => setProblem(connection.explain(thrown).message)
    const send = async (text: string): Promise<void> => {
      if (!isOpen()) return
      try {
        await engine.consoles.type({ id, data: toBase64(text) })
        setProblem('')
      } catch (thrown) {
        refused(thrown)
      }
    }
    const resize = (): void => void engine.consoles.resize({ id, columns: terminal.cols, rows: terminal.rows }).catch(() => undefined)
    const listening = [terminal.onData((text) => void send(text)), terminal.onResize(resize)]
    resize()
    show(engine, { id, opened, signal: abort.signal }).catch((thrown: unknown) => {
      if (!abort.signal.aborted && connection.link.kind === 'open') refused(thrown)
    })
    return () => {
      abort.abort()
      for (const each of listening) each.dispose()
    }
  }, [opened, link, id, connection])
  return problem
}

interface Showing {
  id: string
  opened: ConsoleTerminal
  signal: AbortSignal
}

async function show(engine: Engine, { id, opened, signal }: Showing): Promise<void> {
  for await (const event of await engine.consoles.attach({ id }, { signal })) {
    if (signal.aborted) return
    if (event.kind === 'output') await opened.times.write(fromBase64(event.data), event.at)
    else opened.terminal.write(`\r\n\u001B[36m[${event.bytes} bytes came too fast to show; they are in the log]\u001B[0m\r\n`)
  }
}

/** The times beside the rows that are seen. */
function Times({ opened }: { opened: ConsoleTerminal }) {
  const [rows, setRows] = useState<TimedRow[]>([])
  useEffect(() => {
    const { terminal } = opened
    let asked = 0
    const read = (): void => {
      cancelAnimationFrame(asked)
      asked = requestAnimationFrame(() => setRows(opened.rows()))
    }
    read()
    const listening = [terminal.onRender(read), terminal.onScroll(read), terminal.onWriteParsed(read)]
    return () => {
      cancelAnimationFrame(asked)
      for (const each of listening) each.dispose()
    }
  }, [opened])
  const height = opened.rowHeightPx()
  return (
    <div className={styles.times} aria-hidden>
      {rows.map(({ at }, index) => (
        <div key={index} style={{ height, lineHeight: `${height}px` }}>
          {at !== null && preciseClock(at)}
        </div>
      ))}
    </div>
  )
}
