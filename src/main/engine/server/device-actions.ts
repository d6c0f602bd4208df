import { AppError } from '../../contract/errors.ts'
import { type AuthsetStatus, decideAuthset, deviceStatusOf } from '../fleet/authsets.ts'
import { type Identity, deviceName, normaliseIdentity } from '../fleet/identity.ts'
import type { StoredAuthset } from '../store/authsets.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { ActionParts } from './actions.ts'
import { finishEarly } from './deployment-actions.ts'
import { readPublicKey } from './public-key.ts'

/** The device of this id, or NOT_FOUND. */
export function findDevice({ store }: Pick<ActionParts, 'store'>, id: string): StoredDevice {
  const found = store.devices.get(id)
  if (!found) throw new AppError('NOT_FOUND', `There is no device ${id}`, 'It may have been decommissioned.')
  return found
}

/** One key of a device, or NOT_FOUND. */
export function findAuthset(parts: Pick<ActionParts, 'store'>, deviceId: string, id: string): StoredAuthset {
  const { store } = parts
  const found = store.authsets.get(id)
  if (found?.deviceId !== findDevice(parts, deviceId).id)
    throw new AppError('NOT_FOUND', `The device ${deviceId} has no key ${id}`, 'It may have been removed.')
  return found
}

/**
 * Accepts, rejects or puts back one key of a device. Accepting one rejects the key that was accepted before; a rejected one's
 * tokens end at once. BAD_INPUT for a way back that there is none.
 */
export function setAuthsetStatus(
  parts: ActionParts,
  { deviceId, authsetId, status }: { deviceId: string; authsetId: string; status: 'accepted' | 'rejected' | 'pending' },
): void {
  const { store, now } = parts
  store.transaction(() => {
    const authset = findAuthset(parts, deviceId, authsetId)
    const decision = decideAuthset(store.authsets.ofDevice(deviceId), authset.id, status)
    if (decision.kind === 'refused')
      throw new AppError('BAD_INPUT', `The key cannot become ${status}: ${decision.why}`, 'Accept or reject it.')
    if (decision.kind === 'unchanged') return
    const at = now()
    store.authsets.setStatuses(deviceId, { statuses: decision.statuses, deviceStatus: decision.deviceStatus, at })
    for (const [id, to] of decision.statuses)
      note(parts, { deviceId, text: `Key ${shortOf(id === authset.id ? authset : findAuthset(parts, deviceId, id))} ${to}` })
  })
}

/** Forgets one key of a device; the device stays and may ask again. */
export function removeAuthset(parts: ActionParts, deviceId: string, authsetId: string): void {
  const { store, now } = parts
  store.transaction(() => {
    const authset = findAuthset(parts, deviceId, authsetId)
    store.authsets.remove(authset.id)
    const left: AuthsetStatus[] = store.authsets.ofDevice(deviceId).map(({ status }) => status)
    store.authsets.setStatuses(deviceId, { statuses: new Map(), deviceStatus: deviceStatusOf(left), at: now() })
    note(parts, { deviceId, text: `Key ${shortOf(authset)} removed` })
  })
}

/** Ends every token of one key, which is known by its id: the key gets a new one, and the device a new token when it asks. */
export function revokeTokens({ store, newId }: ActionParts, authsetId: string): void {
  store.transaction(() => {
    const authset = store.authsets.get(authsetId)
    if (!authset) throw new AppError('NOT_FOUND', `There is no token ${authsetId}`, 'A token has the id of the key that it was given to.')
    store.authsets.remove(authset.id)
    store.authsets.add({ ...authset, id: newId() })
  })
}

/** The device that has this identity; null when none has. BAD_INPUT for an identity that none can have. */
export function deviceOfIdentity({ store }: Pick<ActionParts, 'store'>, identity: Identity): StoredDevice | null {
  return store.devices.byIdentityHash(normaliseIdentity(identity).hash)
}

/**
 * Announces a device before it has asked: its first request with this key is accepted without a click. CONFLICT when the identity is
 * known already, unless `isForced`, which adds the key to the known device; BAD_INPUT for a key or identity that cannot be.
 */
export function preauthorizeDevice(
  parts: ActionParts,
  { identity, publicKeyPem, isForced = false }: { identity: Identity; publicKeyPem: string; isForced?: boolean },
): { id: string } {
  const { store, now, newId } = parts
  const key = readPublicKey(publicKeyPem)
  const normalised = normaliseIdentity(identity)
  return store.transaction(() => {
    const known = store.devices.byIdentityHash(normalised.hash)
    if (known && (!isForced || store.authsets.byKey(known.id, key.fingerprint)))
      throw new AppError(
        'CONFLICT',
        `The device ${deviceName(known)} (${known.id}) has this identity already`,
        'Accept its key, or decommission it first.',
      )
    const at = now()
    const id = known?.id ?? newId()
    if (!known) store.devices.add({ id, identityHash: normalised.hash, identity: normalised.identity, createdAt: at })
    store.authsets.add({ id: newId(), deviceId: id, ...key, status: 'preauthorized', createdAt: at })
    const statuses = store.authsets.ofDevice(id).map(({ status }) => status)
    store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: deviceStatusOf(statuses), at })
    note(parts, { deviceId: id, text: 'Preauthorized' })
    return { id }
  })
}

/** Removes a device with its keys and inventory, and ends what is deployed to it. It may ask again, as a new device. */
export function decommissionDevice(parts: ActionParts, id: string): void {
  const { store } = parts
  store.transaction(() => {
    findDevice(parts, id)
    for (const each of store.deviceDeployments.ofDevice(id)) finishEarly(parts, each, 'decommissioned')
    store.filling.leave(id)
    note(parts, { deviceId: id, text: 'Decommissioned' })
    store.devices.remove(id)
  })
}

function note({ store, now }: ActionParts, { deviceId, text }: { deviceId: string; text: string }): void {
  store.timeline.append({ at: now(), deviceId, deploymentId: null, lane: 'state', level: 'info', text })
}

function shortOf({ fingerprint }: StoredAuthset): string {
  return fingerprint.slice(0, 12)
}
