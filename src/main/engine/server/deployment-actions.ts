import { AT_ONCE, type DeploymentPlan, type DeploymentTarget, type PauseAnswer, type UpdateControlMap } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'
import { deviceName } from '../fleet/identity.ts'
import { stopReason } from '../fleet/phases.ts'
import type { NamedDevice } from '../store/deployment-filling.ts'
import type { StoredDeployment } from '../store/deployments.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import type { DeviceFilter, FilterTerm } from '../../contract/filters.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { ActionParts } from './actions.ts'
import { SLICE, concerns, endSliceBySlice, isLarge } from './end-deployments.ts'
import { acceptedDevicesOf, searchAccepted } from './inventory-search.ts'

export interface DeploymentOrder {
  name: string
  artifactName: string
  target: DeploymentTarget
  /** Install also where the artifact runs already. */
  isForced: boolean
  /** At once for everybody, when it is absent. */
  plan?: DeploymentPlan
  updateControlMap?: UpdateControlMap | null
}

/** The deployment of this id, or NOT_FOUND. */
export function findDeployment({ store }: Pick<ActionParts, 'store'>, id: string): StoredDeployment {
  const found = store.deployments.get(id)
  if (!found) throw new AppError('NOT_FOUND', `There is no deployment ${id}`, 'It may have been removed.')
  return found
}

/**
 * Orders an artifact for the accepted devices that the target has now; a filter admits later ones too. NOT_FOUND: no artifact of that
 * name. BAD_INPUT: no device. CONFLICT: the same order is still unfinished.
 */
export function createDeployment({ store, now, newId }: ActionParts, order: DeploymentOrder): { id: string } {
  const { name, artifactName, isForced, target, plan = AT_ONCE, updateControlMap = null } = order
  return store.transaction(() => {
    refuseUnknownArtifact({ store }, order)
    const { filter, devices } = targetDevices({ store }, order)
    refuseRepeated({ store }, order, devices)
    const id = newId()
    const group = target.kind === 'group' ? target.group : null
    const isOpen = filter !== null && (plan.maxDevices === null || devices.length < plan.maxDevices)
    const rules = { plan, filter, isOpen, updateControlMap }
    store.deployments.add({ id, name, artifactName, isForced, group, ...rules, createdAt: now() }, devices)
    return { id }
  })
}

export function refuseUnknownArtifact({ store }: Pick<ActionParts, 'store'>, { artifactName }: DeploymentOrder): void {
  if (store.artifacts.byName(artifactName).length === 0)
    throw new AppError('NOT_FOUND', `There is no artifact named ${artifactName}`, 'Upload it first, or correct the name.')
}

export function refuseLimitOfList({ plan = AT_ONCE }: Pick<DeploymentOrder, 'plan'>): void {
  if (plan.maxDevices !== null)
    throw new AppError('BAD_INPUT', 'Only a filter has a largest number of devices', 'Name fewer devices, or use a filter.')
}

/** What admits devices, also later ones: its own filter, or the one that the group is; null for a list. */
export function filterOf({ store }: Pick<ActionParts, 'store'>, { target }: Pick<DeploymentOrder, 'target'>): DeviceFilter | null {
  if (target.kind === 'filter') return target.filter
  return target.kind === 'group' ? (store.savedFilters.byName(target.group)?.filter ?? null) : null
}

interface Aimed {
  filter: DeviceFilter | null
  devices: NamedDevice[]
}

type Aim = Pick<DeploymentOrder, 'target' | 'plan'>

/** Who is in the target now. BAD_INPUT when somebody named is no accepted device, or nobody is. */
function targetDevices({ store }: Pick<ActionParts, 'store'>, order: Aim): Aimed {
  const { target, plan = AT_ONCE } = order
  const filter = filterOf({ store }, order)
  if (filter)
    return {
      filter,
      devices: acceptedDevicesOf({ store }, filter)
        .slice(0, plan.maxDevices ?? undefined)
        .map(toNamed),
    }
  refuseLimitOfList(order)
  return { filter, devices: listedDevices({ store }, target) }
}

/** Who is in the target now, as a search. BAD_INPUT when somebody named is no accepted device. */
export function targetTerms(parts: Pick<ActionParts, 'store'>, { target }: Pick<DeploymentOrder, 'target'>): FilterTerm[] {
  const filter = filterOf(parts, { target })
  if (filter) return searchAccepted(filter).filters
  if (target.kind === 'devices') {
    const value = listedDevices(parts, target).map(({ id }) => id)
    return searchAccepted([{ scope: 'identity', attribute: 'id', type: '$in', value }]).filters
  }
  return searchAccepted(target.kind === 'group' ? [{ scope: 'system', attribute: 'group', type: '$eq', value: target.group }] : []).filters
}

function listedDevices({ store }: Pick<ActionParts, 'store'>, target: DeploymentTarget): Aimed['devices'] {
  const devices =
    target.kind === 'devices'
      ? store.devices.byIds(target.ids)
      : store.devices.byIds(store.devices.acceptedIds(target.kind === 'group' ? target.group : null))
  const accepted = new Set(devices.filter(({ status }) => status === 'accepted').map(({ id }) => id))
  const refused = target.kind === 'devices' ? target.ids.filter((id) => !accepted.has(id)) : []
  if (refused.length > 0) {
    const names = new Map(devices.map((device) => [device.id, deviceName(device)]))
    const who = refused.slice(0, 10).map((id) => names.get(id) ?? id)
    throw new AppError('BAD_INPUT', `Not an accepted device: ${who.join(', ')}`, 'Accept it first, or leave it out.')
  }
  if (accepted.size === 0) throw noDevice(target)
  return devices.map(toNamed)
}

export function noDevice(target: DeploymentTarget): AppError {
  const where = target.kind === 'group' ? `in the group ${target.group}` : 'on the bench'
  return new AppError('BAD_INPUT', `There is no accepted device ${where}`, 'Accept a device first.')
}

export const toNamed = (device: StoredDevice): NamedDevice => ({ id: device.id, number: device.number, name: deviceName(device) })

/** A script that repeats its request after a lost answer must not deploy twice. */
function refuseRepeated({ store }: Pick<ActionParts, 'store'>, order: DeploymentOrder, devices: readonly NamedDevice[]): void {
  const same = sameOrders({ store }, order)
    .filter(({ deviceCount }) => deviceCount === devices.length)
    .find((other) => store.filling.hasAll(other.id, devices))
  if (same) throw repeated(same)
}

/** Unfinished deployments of the same words, whatever their devices are. */
export function sameOrders({ store }: Pick<ActionParts, 'store'>, { name, artifactName, isForced }: DeploymentOrder): StoredDeployment[] {
  return store.deployments
    .active()
    .filter((other) => other.name === name && other.artifactName === artifactName && other.isForced === isForced)
}

export function repeated({ id }: StoredDeployment): AppError {
  return new AppError(
    'CONFLICT',
    `The same deployment is still unfinished (${id})`,
    'Wait until it is finished, abort it, or choose another name.',
  )
}

/** Says anew what the devices of a deployment wait for. CONFLICT when it is finished. */
export function setUpdateControlMap({ store }: ActionParts, id: string, map: UpdateControlMap | null): void {
  const { status, updateControlMap: before } = findDeployment({ store }, id)
  if (status === 'finished') throw new AppError('CONFLICT', `The deployment ${id} is finished`, 'Nothing waits any more.')
  // A device that pauses asks for the map again, and takes none for nothing said: so an empty one says "go on".
  store.deployments.setUpdateControlMap(id, map ?? (before && answeredMap(before, 'continue')))
}

/** Tells the devices that wait, and those that come to a pause point later, what to do. CONFLICT when nobody is made to wait. */
export function answerPause(parts: ActionParts, id: string, action: PauseAnswer): void {
  const { updateControlMap } = findDeployment(parts, id)
  if (updateControlMap === null)
    throw new AppError('CONFLICT', `The deployment ${id} waits for nobody`, 'Deploy with --pause-before to make it wait.')
  setUpdateControlMap(parts, id, answeredMap(updateControlMap, action))
}

function answeredMap({ priority, states }: UpdateControlMap, action: PauseAnswer): UpdateControlMap {
  return { priority, states: Object.fromEntries(Object.keys(states).map((name) => [name, { action }])) }
}

/** Stops a deployment on every device that has not finished; a device hears it at its next status report. CONFLICT when it is finished. */
export async function abortDeployment(parts: ActionParts, id: string, slice = SLICE): Promise<void> {
  const { store, now } = parts
  const { deviceCount } = findUnfinished(parts, id)
  if (isLarge(deviceCount, slice)) {
    store.transaction(() => {
      store.ending.begin(id, { why: EXPLANATION.aborted, sparesBegun: false })
      store.deployments.close(id, now())
    })
    return endSliceBySlice(parts, id, slice)
  }
  store.transaction(() => {
    for (const each of store.deviceDeployments.ofDeployment(id)) finishEarly(parts, each, 'aborted')
    store.deployments.close(id, now())
  })
}

function findUnfinished(parts: ActionParts, id: string): StoredDeployment {
  const found = findDeployment(parts, id)
  if (found.status === 'finished') throw new AppError('CONFLICT', `The deployment ${id} is finished`, 'There is nothing left to abort.')
  return found
}

/** Whether the device's part was ended just now, because its deployment is being ended and this device's turn had not come. */
export function endedMeanwhile(parts: Pick<ActionParts, 'store' | 'now'>, each: StoredDeviceDeployment): boolean {
  const ending = parts.store.ending.of(each.deploymentId)
  if (!ending || !concerns(ending, each)) return false
  finishEarly(parts, each, 'aborted', ending.why)
  return true
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

/** As a device's part in a deployment is before it begins. */
const UNTOUCHED = {
  ...{ status: 'pending', substate: '', explanation: '' },
  ...{ artifactId: null, startedAt: null, finishedAt: null, admittedAt: null, failedAttempts: 0 },
} satisfies Partial<StoredDeviceDeployment>

const EXPLANATION = { aborted: 'Aborted before the device had finished.', decommissioned: 'The device was decommissioned.' }

/** Ends one device's part in a deployment from outside; one that has ended stays as it is. */
export function finishEarly(
  { store, now }: Pick<ActionParts, 'store' | 'now'>,
  each: StoredDeviceDeployment,
  status: keyof typeof EXPLANATION,
  why?: string,
): void {
  if (each.finishedAt !== null) return
  const at = now()
  store.deviceDeployments.update({ ...each, status, explanation: why ?? EXPLANATION[status], finishedAt: at })
  const { deviceId, deploymentId } = each
  store.timeline.append({ at, deviceId, deploymentId, lane: 'state', level: 'warning', text: `${each.artifactName}: ${status}` })
}

/**
 * Stops a deployment when more devices have failed than may: who has not begun gets nothing. Whoever is at it goes on. Where there are
 * many it is only said here that it ends; the server goes about it.
 */
export function stopWhenFailing(parts: Pick<ActionParts, 'store' | 'now'>, id: string, slice = SLICE): void {
  const { store, now } = parts
  const { plan, statistics, stoppedWhy, deviceCount } = findDeployment(parts, id)
  const why = stopReason(plan, statistics.failure ?? 0)
  if (why === null || stoppedWhy !== '') return
  store.deployments.setStoppedWhy(id, why)
  if (isLarge(deviceCount, slice)) store.ending.begin(id, { why, sparesBegun: true })
  else for (const each of store.deviceDeployments.ofDeployment(id)) if (each.status === 'pending') finishEarly(parts, each, 'aborted', why)
  store.deployments.close(id, now())
}
