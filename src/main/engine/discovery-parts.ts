import { z } from 'zod'
import { addressesIn } from '../contract/addresses.ts'
import { Discoveries } from './discovery/discoveries.ts'
import type { Sighting } from './discovery/merge.ts'
import { firstDevices } from './first-devices.ts'
import { deviceName } from './fleet/identity.ts'
import { untilChanged } from './lib/changes.ts'
import type { EngineParts } from './parts.ts'
import { followPorts } from './provision/serial/ports.ts'
import type { Store } from './store/open.ts'

const IGNORED = 'discovery.ignored'
const ids = z.array(z.string())

type Ground = Pick<EngineParts, 'host' | 'store'> & { deviceIdAt(place: string): string | null }

/** What looks for boards, with what the others know of them. */
export function discoveriesOf({ host, store, deviceIdAt }: Ground): Discoveries {
  return new Discoveries({
    host,
    ports: (signal) => followPorts(host, signal),
    devices: untilChanged(store.changes.deviceFacts, () => deviceSightings(store)),
    deviceAt: (path) => {
      const device = store.devices.get(deviceIdAt(path) ?? '')
      return device ? { id: device.id, name: deviceName(device) } : undefined
    },
    ignored: {
      get: () => store.settings.get(IGNORED, ids) ?? [],
      set: (all) => store.settings.set(IGNORED, all),
    },
  })
}

const texts = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i

/** What the devices of the server say of themselves that shows on the network, too. */
function deviceSightings(store: Store): Sighting[] {
  return firstDevices(store).map(({ device, attributes }): Sighting => {
    const said = [...Object.entries(device.identity), ...attributes.map(({ name, value }) => [name, value] as const)]
    const all = (fits: (name: string) => boolean): string[] => said.flatMap(([name, value]) => (fits(name) ? texts(value) : []))
    return {
      ...{ road: 'server', place: device.id, detail: device.deviceType ?? '', device: { id: device.id, name: deviceName(device) } },
      macs: all((name) => /mac/i.test(name)).filter((value) => MAC.test(value)),
      serialNumbers: all((name) => /serial|^sn$/i.test(name)),
      hostNames: all((name) => name === 'hostname').filter((name) => name !== 'localhost'),
      addresses: addressesIn(said.map(([name, value]) => ({ name, value }))),
    }
  })
}
