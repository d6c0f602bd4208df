import { t } from '@lingui/core/macro'
import type { Place } from '@contract/desktop.ts'
import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
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
import { needsPerson } from '../ui/card-states.ts'
import { type ActionId, actionOf } from './actions.ts'
import { useDevices, useJobs } from './facts.tsx'
import { useKeyHint } from './use-key-hint.ts'
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
      {PLACES.map(({ place, action, icon: Icon }) => (
        <button
          key={place}
          type="button"
          className={styles.place}
          aria-current={place === current ? 'page' : undefined}
          aria-keyshortcuts={hint(action).aria}
          title={hint(action).shown}
          onClick={() => go(place)}
        >
          <Icon size={19} strokeWidth={1.6} aria-hidden />
          <span>{actionOf(action).title}</span>
          {place === 'jobs' && <RunningJobs />}
          {place === 'bench' && <WaitingDevices />}
        </button>
      ))}
      <div className={styles.foot}>
        <Tooltip label={t`Settings${hint('go.settings').suffix}`} position="right">
          <ActionIcon
            size={32}
            variant={current === 'settings' ? 'light' : 'subtle'}
            aria-label={t`Settings`}
            aria-current={current === 'settings' ? 'page' : undefined}
            aria-keyshortcuts={hint('go.settings').aria}
            onClick={() => go('settings')}
          >
            <Settings size={17} strokeWidth={1.6} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t`Shortcuts${hint('help.shortcuts').suffix}`} position="right">
          <ActionIcon size={32} aria-label={t`Shortcuts`} onClick={() => showSheet('shortcuts')}>
            <Keyboard size={17} strokeWidth={1.6} />
          </ActionIcon>
        </Tooltip>
        <ThemeButton />
      </div>
    </nav>
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

const SCHEME_WORDS = { auto: t`the system's`, light: 'light', dark: 'dark' } as const

function ThemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const shown = useComputedColorScheme('light')
  const Icon = colorScheme === 'auto' ? Monitor : shown === 'dark' ? Moon : Sun
  return (
    <Tooltip label={t`Theme: ${SCHEME_WORDS[colorScheme]}`} position="right">
      <ActionIcon size={32} aria-label={t`Theme: ${SCHEME_WORDS[colorScheme]}`} onClick={() => setColorScheme(NEXT_SCHEME[colorScheme])}>
        <Icon size={17} strokeWidth={1.6} />
      </ActionIcon>
    </Tooltip>
  )
}
