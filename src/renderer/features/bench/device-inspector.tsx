import type { Device } from '@contract/devices.ts'
import { lazy, Suspense } from 'react'
import { useLive } from '../../app/use-live.ts'
import { type InspectorTab, useWindow } from '../../app/window-state.ts'
import { CARD_STATES } from '../../ui/card-states.ts'
import { Chip } from '../../ui/chip.tsx'
import { Inspector } from '../../ui/inspector.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { tabPanel, Tabs } from '../../ui/tabs.tsx'
import styles from './device-inspector.module.css'
import { ConfigurationTab } from './configuration-tab.tsx'
import { isVirtual } from './device-words.ts'
import { DeviceTimeline } from './device-timeline.tsx'
import { FilesTab } from './files-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { IdentityTab } from './identity-tab.tsx'
import { InventoryTab } from './inventory-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { Connected } from './remote-tab.tsx'

const TABS: readonly (readonly [InspectorTab, string])[] = [
  ['overview', 'Overview'],
  ['timeline', 'Timeline'],
  ['history', 'History'],
  ['inventory', 'Inventory'],
  ['identity', 'Identity'],
  ['terminal', 'Terminal'],
  ['files', 'Files'],
  ['configuration', 'Settings'],
]
/** Those that fill the panel and scroll by themselves. */
const FULL: readonly InspectorTab[] = ['timeline', 'terminal']

/** The terminal's code is large, and most inspectors never show it. */
const TerminalTab = lazy(() => import('./terminal-tab.tsx'))

/** All that is known of one device. */
export function DeviceInspector({ device }: { device: Device }) {
  const { inspector, inspect, closeInspector } = useWindow()
  const tab = inspector?.tab ?? 'overview'
  const look = CARD_STATES[device.card.state]
  return (
    <Inspector
      title={device.name}
      chips={isVirtual(device) && <Chip>virtual</Chip>}
      subtitle={
        <div className={styles.state}>
          <StateWord {...look} />
          <span>{device.card.detail}</span>
        </div>
      }
      onClose={closeInspector}
    >
      <Tabs isDense label="About the device" tabs={TABS} value={tab} onChange={(next) => inspect(device.id, next)} />
      <div className={FULL.includes(tab) ? styles.column : styles.scroll} {...tabPanel(tab)}>
        {tab === 'overview' && <OverviewTab device={device} />}
        {tab === 'timeline' && <DeviceTimeline device={device} deploymentId={inspector?.deploymentId ?? null} />}
        {tab === 'history' && <HistoryTab key={device.id} device={device} />}
        {tab === 'inventory' && <LiveInventory id={device.id} />}
        {tab === 'identity' && <IdentityTab device={device} />}
        {tab === 'terminal' && (
          <Connected device={device}>
            <Suspense>
              <TerminalTab key={device.id} deviceId={device.id} name={device.name} />
            </Suspense>
          </Connected>
        )}
        {tab === 'files' && (
          <Connected device={device}>
            <FilesTab key={device.id} device={device} />
          </Connected>
        )}
        {tab === 'configuration' && <ConfigurationTab key={device.id} device={device} />}
      </div>
    </Inspector>
  )
}

function LiveInventory({ id }: { id: string }) {
  const detail = useLive(`devices.show ${id}`, (engine, signal) => engine.devices.show({ id }, { signal }))
  return detail.value === null ? null : <InventoryTab attributes={detail.value.inventory} />
}
