import { t } from '@lingui/core/macro'
import type { Place } from '@contract/desktop.ts'
import { type MantineColorScheme, Tooltip, useMantineColorScheme } from '@mantine/core'
import {
  Keyboard,
  LayoutGrid,
  ListChecks,
  type LucideIcon,
  Monitor,
  Moon,
  Package,
  Rocket,
  ScrollText,
  Search,
  Settings,
  Sun,
  Zap,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { needsPerson } from '../ui/card-states.ts'
import { type ActionId, actionOf } from './actions.ts'
import { useDevices, useJobs } from './facts.tsx'
import { type KeyHint, useKeyHint } from './use-key-hint.ts'
import { NEXT_SCHEME } from './window-offers.tsx'
import styles from './rail.module.css'
import { useWindow } from './window-state.ts'

/** The places there are, with the action that goes there. */
const PLACES: readonly { place: Place; action: ActionId; icon: LucideIcon }[] = [
  { place: 'bench', action: 'go.bench', icon: LayoutGrid },
  { place: 'artifacts', action: 'go.artifacts', icon: Package },
  { place: 'flash', action: 'go.flash', icon: Zap },
  { place: 'deployments', action: 'go.deployments', icon: Rocket },
  { place: 'jobs', action: 'go.jobs', icon: ListChecks },
  { place: 'activity', action: 'go.activity', icon: ScrollText },
]

export function Rail() {
  const { place: current, go, showSheet } = useWindow()
  const hint = useKeyHint()
  return (
    <nav className={styles.rail} aria-label={t`Places`} data-region="places">
      <Tooltip label={t`Search or run a command${hint('window.palette').suffix}`} position="right">
        <button
          type="button"
          className={styles.search}
          aria-keyshortcuts={hint('window.palette').aria}
          onClick={() => showSheet('palette')}
        >
          <Search size={16} strokeWidth={1.8} aria-hidden />
          <span>{t`Search`}</span>
        </button>
      </Tooltip>
      {PLACES.map(({ place, action, icon }) => (
        <Entry
          key={place}
          icon={icon}
          label={actionOf(action).title}
          hint={hint(action)}
          isCurrent={place === current}
          onClick={() => go(place)}
        >
          {place === 'jobs' && <RunningJobs />}
          {place === 'bench' && <WaitingDevices />}
        </Entry>
      ))}
      <div className={styles.foot}>
        <Entry
          icon={Settings}
          label={t`Settings`}
          hint={hint('go.settings')}
          isCurrent={current === 'settings'}
          onClick={() => go('settings')}
        />
        <Entry icon={Keyboard} label={t`Shortcuts`} hint={hint('help.shortcuts')} onClick={() => showSheet('shortcuts')} />
        <ThemeEntry />
      </div>
    </nav>
  )
}

interface EntryProps {
  icon: LucideIcon
  label: string
  /** What is said instead of the label, which it begins with. */
  name?: string
  hint: Pick<KeyHint, 'shown' | 'aria'>
  isCurrent?: boolean
  onClick: () => void
  children?: ReactNode
}

function Entry({ icon: Icon, label, name, hint, isCurrent = false, onClick, children }: EntryProps) {
  return (
    <button
      type="button"
      className={styles.entry}
      aria-label={name}
      aria-current={isCurrent ? 'page' : undefined}
      aria-keyshortcuts={hint.aria}
      title={hint.shown}
      onClick={onClick}
    >
      <Icon size={19} strokeWidth={1.6} aria-hidden />
      <span>{label}</span>
      {children}
    </button>
  )
}

// What follows devices and jobs, which change all the time, is drawn anew alone.
function RunningJobs() {
  const running = (useJobs().value ?? []).filter(({ state }) => state === 'running').length
  return running > 0 && <Badge count={running} what={t`running`} isQuiet />
}

function WaitingDevices() {
  const waiting = (useDevices().value ?? []).filter(needsPerson).length
  return waiting > 0 && <Badge count={waiting} what={t`need you`} />
}

function Badge({ count, what, isQuiet = false }: { count: number; what: string; isQuiet?: boolean }) {
  return (
    <span className={styles.badge} data-quiet={isQuiet} title={`${count} ${what}`}>
      {count}
      <span className="sr-only"> {what}</span>
    </span>
  )
}

const SCHEMES: Readonly<Record<MantineColorScheme, { icon: LucideIcon; name: string }>> = {
  auto: { icon: Monitor, name: t`Theme: the system's` },
  light: { icon: Sun, name: t`Theme: light` },
  dark: { icon: Moon, name: t`Theme: dark` },
}

function ThemeEntry() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { icon, name } = SCHEMES[colorScheme]
  const { aria } = useKeyHint()('window.theme')
  return (
    <Entry icon={icon} label={t`Theme`} name={name} hint={{ shown: name, aria }} onClick={() => setColorScheme(NEXT_SCHEME[colorScheme])} />
  )
}
