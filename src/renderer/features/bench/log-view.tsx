import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { BoardConsole } from '@contract/consoles.ts'
import { serviceText } from '@contract/journal.ts'
import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { Check, CircleStop, Copy, Save } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Engine } from '../../app/connection.ts'
import { useConnection, useLink } from '../../app/connection-context.tsx'
import { saveText } from '../../app/save-text.ts'
import { useAction } from '../../app/use-action.ts'
import { clock } from '../../ui/format.ts'
import { useVirtualRows } from '../../ui/use-virtual-rows.ts'
import { Moment } from '../../ui/moment.tsx'
import { AT_END, type DeviceLine, linesWith, scrolledTo, textOf, withEvent } from './device-lines.ts'
import styles from './log-tab.module.css'

/** A log that is followed: how the services are, its lines, and how it ended. */
export function LogView({ shown, name }: { shown: BoardConsole; name: string }) {
  const lines = useLines(shown.id)
  const [text, setText] = useState('')
  const found = linesWith(lines, text)
  const close = useAction((engine) => engine.consoles.close({ id: shown.id }))
  const { state, why, place } = shown
  return (
    <div className={styles.frame}>
      {state === 'open' && <Services shown={shown} />}
      <Tools
        name={name}
        lines={found}
        total={lines.length}
        text={text}
        onText={setText}
        onStop={() => close.run()}
        isOpen={state === 'open'}
      />
      <Lines lines={found} label={t`Log of ${name}`} empty={lines.length === 0 ? t`Nothing was said yet.` : t`No line holds that.`} />
      {state !== 'open' && (
        <output className={styles.ended}>
          <span>{why === null ? t`The log of ${place} has ended.` : `${why.message}. ${why.hint}`}</span>
          <Button size="compact-xs" variant="default" loading={close.isBusy} onClick={() => close.run()}>
            {t`Connect again…`}
          </Button>
        </output>
      )}
    </div>
  )
}

function Services({ shown: { journal, place } }: { shown: BoardConsole }) {
  if (journal === null) return null
  const { file, services } = journal
  if (file !== null)
    return (
      <p className={styles.note}>
        <Trans>
          {place} has no systemd: these are the lines about Mender in <span className="mono">{file}</span>.
        </Trans>
      </p>
    )
  if (services === null) return <p className={styles.note}>{place}</p>
  if (services.length === 0) return <p className={styles.note}>{t`No service of the Mender client is installed on ${place}.`}</p>
  return (
    <ul className={styles.services} aria-label={t`Services`}>
      {services.map((service) => (
        <li key={service.unit} data-state={service.active}>
          <span className="mono">{service.unit}</span>
          <span className={styles.state}>{serviceText(service)}</span>
          {service.since !== null && (
            <span className="dim">
              <Trans>
                since <Moment at={service.since} />
              </Trans>
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}

interface ToolsProps {
  name: string
  lines: readonly DeviceLine[]
  total: number
  text: string
  onText: (text: string) => void
  onStop: () => void
  isOpen: boolean
}

function Tools({ name, lines, total, text, onText, onStop, isOpen }: ToolsProps) {
  const { desktop } = useConnection()
  // The text of so many lines is put together when it is asked for, not with each that comes.
  const { copied, copy } = useClipboard({ timeout: 1000 })
  const save = useAction(async () => {
    const day = new Date().toISOString().slice(0, 10)
    await saveText(desktop, `${name.replaceAll(/[^\w.-]/g, '_')}-mender-${day}.log`, textOf(lines))
  })
  return (
    <div className={styles.tools} role="toolbar" aria-label={t`Log`}>
      <TextInput
        type="search"
        className={styles.search}
        aria-label={t`Search the log`}
        placeholder={t`Search`}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
      />
      <output className={styles.count}>
        {text.trim() === '' ? plural(total, { one: '# line', other: '# lines' }) : t`${lines.length} of ${total}`}
      </output>
      <Tooltip label={copied ? t`Copied` : t`Copy these lines`}>
        <ActionIcon aria-label={t`Copy these lines`} disabled={lines.length === 0} onClick={() => copy(textOf(lines))}>
          {copied ? <Check size={15} /> : <Copy size={15} />}
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t`Save these lines…`}>
        <ActionIcon aria-label={t`Save these lines…`} disabled={lines.length === 0} onClick={() => save.run()}>
          <Save size={15} />
        </ActionIcon>
      </Tooltip>
      {isOpen && (
        <Button size="compact-xs" variant="default" leftSection={<CircleStop size={13} />} onClick={onStop}>
          {t`Stop`}
        </Button>
      )}
    </div>
  )
}

/** The lines of a log from its beginning, as far as it is kept, and again with each new engine. */
function useLines(id: string): readonly DeviceLine[] {
  const link = useLink()
  const [lines, setLines] = useState<readonly DeviceLine[]>([])
  useEffect(() => {
    if (link.kind !== 'open') return
    const abort = new AbortController()
    // One that is closed is no longer shown.
    readLines(link.engine, { id, signal: abort.signal, onLines: setLines }).catch(() => undefined)
    return () => abort.abort()
  }, [link, id])
  return lines
}

interface Reading {
  id: string
  signal: AbortSignal
  onLines: (lines: readonly DeviceLine[]) => void
}

async function readLines(engine: Engine, { id, signal, onLines }: Reading): Promise<void> {
  let lines: readonly DeviceLine[] = []
  for await (const event of await engine.consoles.attach({ id }, { signal })) {
    if (signal.aborted) return
    lines = withEvent(lines, event)
    onLines(lines)
  }
}

const ROW_PX = 18

/** The end is followed until somebody scrolls away from it. */
function Lines({ lines, label, empty }: { lines: readonly DeviceLine[]; label: string; empty: string }) {
  const scroller = useRef<HTMLDivElement>(null)
  const scrolled = useRef(AT_END)
  const virtual = useVirtualRows({
    ...{ count: lines.length, scroller, spare: 10 },
    sizeOf: () => ROW_PX,
    keyOf: (index) => String(lines[index]?.key ?? index),
  })
  useEffect(() => {
    const { current } = scroller
    if (current !== null && scrolled.current.isFollowed) current.scrollTop = current.scrollHeight
  })
  return (
    <div
      ref={scroller}
      className={styles.lines}
      role="log"
      aria-label={label}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it is scrolled with the keys
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        const belowPx = scrollHeight - scrollTop - clientHeight
        scrolled.current = scrolledTo({ topPx: scrollTop, isEnd: belowPx < 2 * ROW_PX }, scrolled.current)
      }}
    >
      {lines.length === 0 && <p className="dim">{empty}</p>}
      <div className={styles.all} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const line = lines[index]
          return (
            line !== undefined && (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                data-level={line.level}
                className={styles.line}
                style={{ transform: `translateY(${start}px)` }}
              >
                <time dateTime={new Date(line.at).toISOString()}>{clock(line.at)}</time>
                <span>{line.text}</span>
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}
