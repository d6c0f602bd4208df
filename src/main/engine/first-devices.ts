import { DEVICE_WINDOW } from '../contract/devices.ts'
import type { StoredDevice } from './store/devices.ts'
import type { StoredAttribute } from './store/inventory.ts'
import type { Store } from './store/open.ts'

/** As many devices as are looked through at most, each with what it says of itself. */
export function firstDevices(store: Store): { device: StoredDevice; attributes: readonly StoredAttribute[] }[] {
  const devices = store.devices.page({ offset: 0, limit: DEVICE_WINDOW })
  // They come by their numbers, and no other is among them.
  const inventory = store.inventory.inSlice({ after: (devices[0]?.number ?? 0) - 1, upTo: devices.at(-1)?.number ?? 0 })
  return devices.map((device) => ({ device, attributes: inventory.get(device.id) ?? [] }))
}
