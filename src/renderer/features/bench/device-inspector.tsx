import { t } from '@lingui/core/macro'
import type { Device } from '@contract/devices.ts'
import { lazy, type ReactNode, Suspense } from 'react'
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
import { LogTab } from './log-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { Connected } from './remote-tab.tsx'

const TABS: readonly (readonly [InspectorTab, string])[] = [
  ['overview', t`Overview`],
  ['timeline', t`Timeline`],
  ['history', t`History`],
  ['log', t`Log`],
  ['inventory', t`Inventory`],
  ['identity', t`Identity`],
  ['terminal', t`Terminal`],
  ['files', t`Files`],
  ['configuration', t`Settings`],
]
/** Those that fill the panel and scroll by themselves. */
const FULL: readonly InspectorTab[] = ['timeline', 'log', 'terminal']

/** The terminal's code is large, and most inspectors never show it. */
const TerminalTab = lazy(() => import('./terminal-tab.tsx'))

const CONTENTS: Readonly<Record<InspectorTab, (device: Device, deploymentId: string | null) => ReactNode>> = {
  overview: (device) => <OverviewTab device={device} />,
  timeline: (device, deploymentId) => <DeviceTimeline device={device} deploymentId={deploymentId} />,
  history: (device) => <HistoryTab key={device.id} device={device} />,
  log: (device) => <LogTab key={device.id} device={device} />,
  inventory: ({ id }) => <LiveInventory id={id} />,
  identity: (device) => <IdentityTab device={device} />,
  terminal: (device) => (
    <Connected device={device}>
      <Suspense>
        <TerminalTab key={device.id} deviceId={device.id} name={device.name} />
      </Suspense>
    </Connected>
  ),
  files: (device) => (
    <Connected device={device}>
      <FilesTab key={device.id} device={device} />
    </Connected>
  ),
  configuration: (device) => <ConfigurationTab key={device.id} device={device} />,
}

/** All that is known of one device. */
export function DeviceInspector({ device }: { device: Device }) {
  const { inspector, inspect, closeInspector } = useWindow()
  const tab = inspector?.tab ?? 'overview'
  const look = CARD_STATES[device.card.state]
  return (
    <Inspector
      title={device.name}
      chips={isVirtual(device) && <Chip>{t`virtual`}</Chip>}
      subtitle={
        <div className={styles.state}>
          <StateWord {...look} />
          <span>{device.card.detail}</span>
        </div>
      }
      onClose={closeInspector}
    >
      <Tabs isDense label={t`About the device`} tabs={TABS} value={tab} onChange={(next) => inspect(device.id, next)} />
      <div className={FULL.includes(tab) ? styles.column : styles.scroll} {...tabPanel(tab)}>
        {CONTENTS[tab](device, inspector?.deploymentId ?? null)}
      </div>
    </Inspector>
  )
}

function LiveInventory({ id }: { id: string }) {
  const detail = useLive(`devices.show ${id}`, (engine, signal) => engine.devices.show({ id }, { signal }))
  return detail.value === null ? null : <InventoryTab attributes={detail.value.inventory} />
}
