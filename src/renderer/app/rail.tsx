import type { Place } from '@contract/desktop.ts'
import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { Keyboard, LayoutGrid, type LucideIcon, Monitor, Moon, Package, Rocket, ScrollText, Settings, Sun, Zap } from 'lucide-react'
import { needsPerson } from '../ui/card-states.ts'
import { useDevices } from './facts.tsx'
import styles from './rail.module.css'
import { useWindow } from './window-state.ts'

/** The places there are, in the order of Ctrl+1, 2, 3 and so on. */
export const PLACES: readonly { place: Place; title: string; icon: LucideIcon }[] = [
  { place: 'bench', title: 'Bench', icon: LayoutGrid },
  { place: 'artifacts', title: 'Artifacts', icon: Package },
  { place: 'flash', title: 'Flash', icon: Zap },
  { place: 'deployments', title: 'Deployments', icon: Rocket },
  { place: 'activity', title: 'Activity', icon: ScrollText },
]

export function Rail() {
  const { place: current, go, showSheet } = useWindow()
  const waiting = (useDevices().value ?? []).filter(needsPerson).length
  return (
    <nav className={styles.rail} aria-label="Places">
      {PLACES.map(({ place, title, icon: Icon }, index) => (
        <button
          key={place}
          type="button"
          className={styles.place}
          aria-current={place === current ? 'page' : undefined}
          aria-keyshortcuts={`Control+${index + 1}`}
          onClick={() => go(place)}
        >
          <Icon size={19} strokeWidth={1.6} aria-hidden />
          <span>{title}</span>
          {place === 'bench' && waiting > 0 && (
            <span className={styles.badge} title={`${waiting} need you`}>
              {waiting}
              <span className="sr-only"> need you</span>
            </span>
          )}
        </button>
      ))}
      <div className={styles.foot}>
        <Tooltip label="Settings (Ctrl+,)" position="right">
          <ActionIcon
            size={32}
            variant={current === 'settings' ? 'light' : 'subtle'}
            aria-label="Settings"
            aria-current={current === 'settings' ? 'page' : undefined}
            aria-keyshortcuts="Control+,"
            onClick={() => go('settings')}
          >
            <Settings size={17} strokeWidth={1.6} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Shortcuts (?)" position="right">
          <ActionIcon size={32} aria-label="Shortcuts" onClick={() => showSheet('shortcuts')}>
            <Keyboard size={17} strokeWidth={1.6} />
          </ActionIcon>
        </Tooltip>
        <ThemeButton />
      </div>
    </nav>
  )
}

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const
const SCHEME_WORDS = { auto: "the system's", light: 'light', dark: 'dark' } as const

function ThemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const shown = useComputedColorScheme('light')
  const Icon = colorScheme === 'auto' ? Monitor : shown === 'dark' ? Moon : Sun
  return (
    <Tooltip label={`Theme: ${SCHEME_WORDS[colorScheme]}`} position="right">
      <ActionIcon size={32} aria-label={`Theme: ${SCHEME_WORDS[colorScheme]}`} onClick={() => setColorScheme(NEXT[colorScheme])}>
        <Icon size={17} strokeWidth={1.6} />
      </ActionIcon>
    </Tooltip>
  )
}
