import { firstDevices } from './first-devices.ts'
import { virtualName } from './fleet/identity.ts'
import { untilChanged } from './lib/changes.ts'
import type { EngineParts } from './parts.ts'
import { followPorts } from './provision/serial/ports.ts'
import type { StoredDevice } from './store/devices.ts'
import type { Store } from './store/open.ts'
import { Topologies } from './topology/topologies.ts'
import type { KnownDevice } from './topology/tree.ts'

type Ground = Pick<EngineParts, 'host' | 'store' | 'sources' | 'drives' | 'discoveries'>

/** What finds out what hangs where, with what the others know. */
export function topologiesOf({ host, store, sources, drives, discoveries }: Ground): Topologies {
  const placed = untilChanged(store.changes.deviceFacts, () => placedDevices(store))
  const isVirtual = (identity: StoredDevice['identity']): boolean => {
    const { virtual, board } = sources.observe(identity) ?? { virtual: null, board: null }
    return virtualName(identity) !== null || virtual !== null || board !== null
  }
  return new Topologies({
    host,
    drives: { ...drives, list: () => drives.list({ canBePartial: true }) },
    ports: (signal) => followPorts(host, signal),
    boards: (signal) => discoveries.follow(signal),
    devices: {
      changes: store.changes.devices,
      list: () => placed().map(({ id, identity, addresses }): KnownDevice => ({ id, addresses, isVirtual: isVirtual(identity) })),
    },
  })
}

function placedDevices(store: Store): (Pick<StoredDevice, 'id' | 'identity'> & { addresses: string[] })[] {
  return firstDevices(store).map(({ device: { id, identity }, attributes }) => {
    const addresses = attributes.flatMap(({ name, value }) =>
      /^ipv4_(?!lo$)/.test(name) ? (typeof value === 'string' ? [value] : value) : [],
    )
    return { id, identity, addresses }
  })
}
