import { FIRST_SILENCE_RULE } from '../../contract/silence.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import { type Store, openStore } from '../store/open.ts'
import type { Identity } from '../store/devices.ts'
import type { BoardObservation } from '../device/bench.ts'
import type { DeviceSources } from './device-view.ts'
import { ofSimulated } from './observation.ts'

/** What the clock of the views shows. */
export const NOW = Date.UTC(2026, 4, 1)

export interface ViewBench extends Disposable {
  store: Store
  sources: DeviceSources
  /** May be changed: bytes on their way to a device, and what the virtual bench sees. */
  transfers: Map<string, { doneBytes: number; totalBytes: number }>
  boards: Map<string, BoardObservation>
  addDevice(id: string, identity: Identity): void
  /** An order of `v2` for the devices; what became of it on the first one may be given. */
  deploy(id: string, deviceIds: string[], change?: Partial<StoredDeviceDeployment>): void
}

/** A store in memory, with other sources that tests fill. */
export function openViewBench(): ViewBench {
  const store = openStore(':memory:')
  const transfers: ViewBench['transfers'] = new Map()
  const boards: ViewBench['boards'] = new Map()
  const sources: DeviceSources = {
    ...{ store, now: () => NOW, silence: () => FIRST_SILENCE_RULE },
    transferOf: (id) => transfers.get(id) ?? null,
    tailOf: () => [],
    connectionOf: () => ({ state: 'never', since: null }),
    observe: ({ mac }) => {
      const seen = boards.get(String(mac))
      return seen ? ofSimulated(seen) : null
    },
  }
  return {
    ...{ store, sources, transfers, boards },
    addDevice(id, identity) {
      store.devices.add({ id, identityHash: id, identity, createdAt: NOW - 1000 })
      store.authsets.add({
        id: `${id}-key`,
        deviceId: id,
        publicKeyPem: 'PEM',
        fingerprint: id,
        algorithm: 'ED25519',
        status: 'accepted',
        createdAt: NOW - 1000,
      })
      store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'accepted', at: NOW - 1000 })
    },
    deploy(id, deviceIds, change = {}) {
      const order = { id, name: `order ${id}`, artifactName: 'v2', isForced: false, group: null, createdAt: NOW - 500 }
      const named = deviceIds.map((deviceId) => ({ id: deviceId, name: `${deviceId} then` }))
      store.deployments.add(order, named)
      const first = store.deviceDeployments.get(id, deviceIds[0] ?? '')
      if (first) store.deviceDeployments.update({ ...first, ...change })
    },
    [Symbol.dispose]: () => store.close(),
  }
}
