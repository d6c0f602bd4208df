import type { DeploymentTarget } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'
import { deviceName } from '../fleet/identity.ts'
import type { StoredDeployment } from '../store/deployments.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import type { ActionParts } from './actions.ts'

export interface DeploymentOrder {
  name: string
  artifactName: string
  target: DeploymentTarget
  /** Install also where the artifact runs already. */
  isForced: boolean
}

/** The deployment of this id, or NOT_FOUND. */
export function findDeployment({ store }: Pick<ActionParts, 'store'>, id: string): StoredDeployment {
  const found = store.deployments.get(id)
  if (!found) throw new AppError('NOT_FOUND', `There is no deployment ${id}`, 'It may have been removed.')
  return found
}

/**
 * Orders an artifact for the accepted devices that the target has now; later arrivals are not included. NOT_FOUND: no artifact of
 * that name. BAD_INPUT: no device. CONFLICT: the same order is still unfinished.
 */
export function createDeployment({ store, now, newId }: ActionParts, order: DeploymentOrder): { id: string } {
  const { name, artifactName, isForced, target } = order
  return store.transaction(() => {
    if (store.artifacts.byName(artifactName).length === 0)
      throw new AppError('NOT_FOUND', `There is no artifact named ${artifactName}`, 'Upload it first, or correct the name.')
    const devices = targetDevices({ store }, target)
    refuseRepeated({ store }, order, new Set(devices.map(({ id }) => id)))
    const id = newId()
    const group = target.kind === 'group' ? target.group : null
    store.deployments.add({ id, name, artifactName, isForced, group, createdAt: now() }, devices)
    return { id }
  })
}

function targetDevices({ store }: Pick<ActionParts, 'store'>, target: DeploymentTarget): { id: string; name: string }[] {
  const devices =
    target.kind === 'devices'
      ? store.devices.byIds(target.ids)
      : store.devices.byIds(store.devices.acceptedIds(target.kind === 'group' ? target.group : null))
  const accepted = new Set(devices.filter(({ status }) => status === 'accepted').map(({ id }) => id))
  const refused = target.kind === 'devices' ? target.ids.filter((id) => !accepted.has(id)) : []
  if (refused.length > 0)
    throw new AppError('BAD_INPUT', `Not an accepted device: ${refused.slice(0, 10).join(', ')}`, 'Accept it first, or leave it out.')
  if (accepted.size === 0) {
    const where = target.kind === 'group' ? `in the group ${target.group}` : 'on the bench'
    throw new AppError('BAD_INPUT', `There is no accepted device ${where}`, 'Accept a device first.')
  }
  return devices.map((device) => ({ id: device.id, name: deviceName(device) }))
}

/** A script that repeats its request after a lost answer must not deploy twice. */
function refuseRepeated(
  { store }: Pick<ActionParts, 'store'>,
  { name, artifactName, isForced }: DeploymentOrder,
  ids: ReadonlySet<string>,
): void {
  const same = store.deployments
    .active()
    .filter(
      (other) =>
        other.name === name && other.artifactName === artifactName && other.isForced === isForced && other.deviceCount === ids.size,
    )
    .find((other) => store.deviceDeployments.ofDeployment(other.id).every(({ deviceId }) => ids.has(deviceId)))
  if (same)
    throw new AppError(
      'CONFLICT',
      `The same deployment is still unfinished (${same.id})`,
      'Wait until it is finished, abort it, or choose another name.',
    )
}

/** Stops a deployment on every device that has not finished; a device hears it at its next status report. CONFLICT when it is finished. */
export function abortDeployment(parts: ActionParts, id: string): void {
  const { store } = parts
  store.transaction(() => {
    if (findDeployment(parts, id).status === 'finished')
      throw new AppError('CONFLICT', `The deployment ${id} is finished`, 'There is nothing left to abort.')
    for (const each of store.deviceDeployments.ofDeployment(id)) finishEarly(parts, each, 'aborted')
  })
}

/** Stops everything that is still to do on one device. */
export function abortDeploymentsOfDevice(parts: ActionParts, deviceId: string): void {
  parts.store.transaction(() => {
    for (const each of parts.store.deviceDeployments.ofDevice(deviceId)) finishEarly(parts, each, 'aborted')
  })
}

/**
 * Puts aside what a device has behind it: gone from its history, though not from the deployments. Where a deployment goes on, the
 * device has not been part of it then, and gets it again.
 */
export function forgetHistory({ store, now }: ActionParts, deviceId: string): void {
  store.transaction(() => {
    for (const each of store.deviceDeployments.ofDevice(deviceId)) {
      if (each.finishedAt === null) continue
      if (store.deployments.get(each.deploymentId)?.status === 'finished') store.deviceDeployments.putAside(each, now())
      else store.deviceDeployments.update({ ...each, ...UNTOUCHED })
    }
  })
}

const UNTOUCHED = { status: 'pending', substate: '', explanation: '', artifactId: null, startedAt: null, finishedAt: null } as const

const EXPLANATION = { aborted: 'Aborted before the device had finished.', decommissioned: 'The device was decommissioned.' }

/** Ends one device's part in a deployment from outside; one that has ended stays as it is. */
export function finishEarly({ store, now }: ActionParts, each: StoredDeviceDeployment, status: keyof typeof EXPLANATION): void {
  if (each.finishedAt !== null) return
  const at = now()
  store.deviceDeployments.update({ ...each, status, explanation: EXPLANATION[status], finishedAt: at })
  const { deviceId, deploymentId } = each
  store.timeline.append({ at, deviceId, deploymentId, lane: 'state', level: 'warning', text: `${each.artifactName}: ${status}` })
}
