import { AppError } from '../../contract/errors.ts'
import { PREAUTHORIZED_SHOWN, type Preauthorization } from '../../contract/devices.ts'
import { deviceName } from '../fleet/identity.ts'
import type { ActionParts } from './actions.ts'
import { decommissionDevice, findAuthset, removeAuthset } from './device-actions.ts'

/** What is expected and has not asked yet, the newest first. */
export function listPreauthorizations({ store }: Pick<ActionParts, 'store'>): { all: number; newest: Preauthorization[] } {
  const newest = store.authsets.expected(PREAUTHORIZED_SHOWN).flatMap((authset): Preauthorization[] => {
    const device = store.devices.get(authset.deviceId)
    if (!device) return []
    const { id: authsetId, fingerprint: keyFingerprint, createdAt } = authset
    return [{ id: device.id, authsetId, name: deviceName(device), identity: device.identity, keyFingerprint, createdAt }]
  })
  return { all: store.authsets.countExpected(), newest }
}

/** No longer expects these keys, all of them or none. */
export function removePreauthorizations(parts: ActionParts, keys: readonly { id: string; authsetId: string }[]): void {
  const { store } = parts
  store.transaction(() => {
    for (const { id, authsetId } of keys) {
      const { status } = findAuthset(parts, id, authsetId)
      if (status !== 'preauthorized')
        throw new AppError(
          'CONFLICT',
          `The device ${id} has asked with this key, which is ${status} now`,
          'Reject its key, or decommission it.',
        )
      if (store.authsets.ofDevice(id).length > 1) removeAuthset(parts, id, authsetId)
      else decommissionDevice(parts, id)
    }
  })
}
