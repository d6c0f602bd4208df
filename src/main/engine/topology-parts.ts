import { DEVICE_WINDOW } from '../contract/devices.ts'
import { virtualName } from './fleet/identity.ts'
import type { EngineParts } from './parts.ts'
import { followPorts } from './provision/serial/ports.ts'
import { Topologies } from './topology/topologies.ts'
import type { KnownDevice } from './topology/tree.ts'

type Ground = Pick<EngineParts, 'host' | 'store' | 'sources' | 'drives' | 'discoveries'>

/** What finds out what hangs where, with what the others know. */
export function topologiesOf({ host, store, sources, drives, discoveries }: Ground): Topologies {
  return new Topologies({
    host,
    drives: { ...drives, list: () => drives.list({ canBePartial: true }) },
    ports: (signal) => followPorts(host, signal),
    boards: (signal) => discoveries.follow(signal),
    devices: { changes: store.changes.devices, list: () => knownDevices({ store, sources }) },
  })
}

function knownDevices({ store, sources }: Pick<Ground, 'store' | 'sources'>): KnownDevice[] {
  return store.devices.page({ offset: 0, limit: DEVICE_WINDOW }).map(({ id, identity }) => {
    const { virtual, board } = sources.observe(identity) ?? { virtual: null, board: null }
    const addresses = store.inventory
      .ofDevice(id)
      .flatMap(({ name, value }) => (/^ipv4_(?!lo$)/.test(name) ? (typeof value === 'string' ? [value] : value) : []))
    return { id, addresses, isVirtual: virtualName(identity) !== null || virtual !== null || board !== null }
  })
}
