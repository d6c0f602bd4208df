import { DEVICE_WINDOW } from '../contract/devices.ts'
import { AppError } from '../contract/errors.ts'
import type { EngineParts } from './parts.ts'
import type { DeviceRegister } from './provision/preauthorize.ts'
import { decommissionDevice, preauthorizeDevice, setAuthsetStatus } from './server/device-actions.ts'
import { listDevices } from './views/device-view.ts'

/** The devices of this bench's own server, for what provisions boards. */
export function deviceRegister({ actions, sources }: Pick<EngineParts, 'actions' | 'sources'>): DeviceRegister {
  return {
    devices: (text) => listDevices({ text, filter: [], offset: 0, limit: DEVICE_WINDOW }, sources),
    preauthorize: async (device) => preauthorizeDevice(actions, { ...device, isForced: true }).id,
    setStatus: async ({ id, ...key }) => setAuthsetStatus(actions, { deviceId: id, ...key }),
    decommission: async (id) => decommissionDevice(actions, id),
  }
}

/** The private half of a key, by its name. KEY_MISSING. */
export async function privateKeyNamed({ keyRing }: Pick<EngineParts, 'keyRing'>, name: string): Promise<string> {
  const key = keyRing.list().find((each) => each.name === name)
  if (!key) throw new AppError('KEY_MISSING', `There is no key "${name}" in the key ring`, 'See the list of keys.')
  return keyRing.privatePem(key.id)
}
