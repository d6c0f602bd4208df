import { t } from '@lingui/core/macro'
import type { BoardConsole } from '@contract/consoles.ts'
import { ActionIcon, Tooltip } from '@mantine/core'
import { ChevronDown, Lock, Plus, SquareTerminal } from 'lucide-react'
import { useDock } from '../../app/dock-state.ts'
import { useRefusal } from '../../app/may.tsx'
import { useOffers } from '../../app/offers.ts'
import { useKeyHint } from '../../app/use-key-hint.ts'
import { Empty } from '../../ui/empty.tsx'
import { useLive } from '../../app/use-live.ts'
import { Splitter } from '../../ui/splitter.tsx'
import { Tabs, tabPanel } from '../../ui/tabs.tsx'
import { shortPlace } from './console-words.ts'
import { ConsolePane } from './console-pane.tsx'
import styles from './console-dock.module.css'
import { NewConsole } from './new-console.tsx'

/** The consoles of boards, at the foot of the window. What is open in it stays open while it is hidden. */
export function ConsoleDock() {
  const { isOpen, toggle, ask } = useDock()
  useOffers(() => ({ 'window.consoles': { run: toggle }, 'console.new': { run: () => ask() } }))
  return <div className={styles.place}>{isOpen && <Dock />}</div>
}

function Dock() {
  const { heightPx, currentId, preset, look, ask, toggle, resize } = useDock()
  // Logs are shown with their devices.
  const consoles =
    useLive('consoles.list', (engine, signal) => engine.consoles.list(undefined, { signal })).value?.filter(isTypedTo) ?? null
  const hint = useKeyHint()
  const current = consoles?.find(({ id }) => id === currentId) ?? consoles?.[0] ?? null
  const isAsking = preset !== null || (consoles !== null && current === null)
  return (
    <section className={styles.dock} style={{ height: heightPx }} aria-label={t`Consoles`} data-region="consoles">
      <Splitter edge="top" label={t`Height of the consoles`} sizePx={heightPx} onResize={resize} />
      <header className={styles.head}>
        <SquareTerminal size={14} aria-hidden />
        <h2 className={styles.title}>{t`Consoles`}</h2>
        {consoles !== null && consoles.length > 0 && (
          <Tabs label={t`Consoles`} tabs={consoles.map(tabOf)} value={isAsking ? '' : (current?.id ?? '')} onChange={look} />
        )}
        <Tooltip label={t`New console`}>
          <ActionIcon aria-label={t`New console`} aria-pressed={isAsking} onClick={() => ask()}>
            <Plus size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t`Hide${hint('window.consoles').suffix}`}>
          <ActionIcon className={styles.last} aria-label={t`Hide the consoles`} onClick={toggle}>
            <ChevronDown size={15} />
          </ActionIcon>
        </Tooltip>
      </header>
      <Body current={current} isAsking={isAsking} />
    </section>
  )
}

function Body({ current, isAsking }: { current: BoardConsole | null; isAsking: boolean }) {
  const { preset, look } = useDock()
  const why = useRefusal('consoles')
  if (why !== null) return <Empty icon={Lock} title={t`Consoles are not shown`} text={why} />
  if (isAsking) return <NewConsole preset={preset ?? {}} hasOthers={current !== null} onOpened={look} />
  if (current === null) return null
  return (
    <div className={styles.panel} {...tabPanel(current.id)} tabIndex={-1}>
      <ConsolePane key={current.id} shown={current} />
    </div>
  )
}

const isTypedTo = ({ kind }: BoardConsole): boolean => kind !== 'journal'

function tabOf({ id, kind, place, state }: BoardConsole): readonly [string, string] {
  if (state === 'open') return [id, shortPlace(place)]
  const why = state === 'ended' ? t`ended` : kind === 'board' ? t`off` : t`unplugged`
  return [id, `${shortPlace(place)} · ${why}`]
}
