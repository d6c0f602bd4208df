import type { Device } from '@contract/devices.ts'
import { useLive } from '../../app/use-live.ts'
import { type InspectorTab, useWindow } from '../../app/window-state.ts'
import { CARD_STATES } from '../../ui/card-states.ts'
import { Chip } from '../../ui/chip.tsx'
import { Inspector } from '../../ui/inspector.tsx'
import { StateWord } from '../../ui/state-word.tsx'
import { tabPanel, Tabs } from '../../ui/tabs.tsx'
import styles from './device-inspector.module.css'
import { DeviceTimeline } from './device-timeline.tsx'
import { IdentityTab } from './identity-tab.tsx'
import { InventoryTab } from './inventory-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'

const TABS: readonly (readonly [InspectorTab, string])[] = [
  ['overview', 'Overview'],
  ['timeline', 'Timeline'],
  ['inventory', 'Inventory'],
  ['identity', 'Identity'],
]

/** All that is known of one device. */
export function DeviceInspector({ device }: { device: Device }) {
  const { inspector, inspect, closeInspector } = useWindow()
  const tab = inspector?.tab ?? 'overview'
  const look = CARD_STATES[device.card.state]
  return (
    <Inspector
      title={device.name}
      chips={device.virtual !== null && <Chip>virtual</Chip>}
      subtitle={
        <div className={styles.state}>
          <StateWord {...look} />
          <span>{device.card.detail}</span>
        </div>
      }
      onClose={closeInspector}
    >
      <Tabs label="About the device" tabs={TABS} value={tab} onChange={(next) => inspect(device.id, next)} />
      <div className={tab === 'timeline' ? styles.column : styles.scroll} {...tabPanel(tab)}>
        {tab === 'overview' && <OverviewTab device={device} />}
        {tab === 'timeline' && <DeviceTimeline device={device} deploymentId={inspector?.deploymentId ?? null} />}
        {tab === 'inventory' && <LiveInventory id={device.id} />}
        {tab === 'identity' && <IdentityTab device={device} />}
      </div>
    </Inspector>
  )
}

function LiveInventory({ id }: { id: string }) {
  const detail = useLive(`devices.show ${id}`, (engine, signal) => engine.devices.show({ id }, { signal }))
  return detail.value === null ? null : <InventoryTab attributes={detail.value.inventory} />
}
