import { DEPLOYMENT_WINDOW, type Deployment, type DeploymentDetail, type DeviceDeployment } from '../../contract/deployments.ts'
import type { DeviceHistory } from '../../contract/devices.ts'
import { formatFilter } from '../../contract/filters.ts'
import { causeOf } from '../fleet/cause.ts'
import { deviceName, virtualName } from '../fleet/identity.ts'
import { admission } from '../fleet/phases.ts'
import { whyOutside, whyPending } from '../fleet/why-pending.ts'
import type { StoredDeployment } from '../store/deployments.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import type { StoredDevice } from '../store/devices.ts'
import { type DeviceSources, nextPollOf } from './device-view.ts'

/** All deployments, the newest first. */
export function listDeployments({ store, now }: Pick<DeviceSources, 'store' | 'now'>): Deployment[] {
  return store.deployments.list().map((each) => toView(each, now()))
}

/** One deployment with its outcome on each device; null when it is unknown. */
export function showDeployment(id: string, sources: DeviceSources): DeploymentDetail | null {
  const deployment = sources.store.deployments.get(id)
  if (!deployment) return null
  const { deviceDeployments } = sources.store
  const isLarge = deployment.deviceCount > DEPLOYMENT_WINDOW
  const shown = isLarge ? (deviceDeployments.slices(id, DEPLOYMENT_WINDOW).next().value ?? []) : deviceDeployments.ofDeployment(id)
  const devices = shown.map((each) => toDeviceView(each, { deployment, sources }))
  return { ...toView(deployment, sources.now()), devices, updateControlMap: deployment.updateControlMap }
}

/** What was deployed to a device, the newest first. */
export function deviceHistory(deviceId: string, sources: DeviceSources): DeviceHistory {
  return sources.store.deviceDeployments.ofDevice(deviceId).flatMap((each) => {
    const deployment = sources.store.deployments.get(each.deploymentId)
    if (!deployment) return []
    const { deploymentId, artifactName, createdAt } = each
    const { status, explanation, startedAt, finishedAt, hasLog } = toDeviceView(each, { deployment, sources })
    return { deploymentId, name: deployment.name, artifactName, status, explanation, createdAt, startedAt, finishedAt, hasLog }
  })
}

/** Why a device has got nothing of a deployment, or what it is up to; null when the deployment is unknown. */
export function explainDevice(id: string, deviceId: string, sources: DeviceSources): string | null {
  const { store } = sources
  const deployment = store.deployments.get(id)
  if (!deployment) return null
  const each = store.deviceDeployments.get(id, deviceId)
  if (each) return toDeviceView(each, { deployment, sources }).explanation || `Its status is "${each.status}".`
  const device = store.devices.get(deviceId)
  return whyOutside({
    deviceStatus: device?.status ?? null,
    deviceGroup: device?.group ?? null,
    deviceCreatedAt: device?.createdAt ?? 0,
    filter: deployment.filter && formatFilter(deployment.filter),
    ...{ group: deployment.group, isOpen: deployment.isOpen, createdAt: deployment.createdAt },
  })
}

function toView(stored: StoredDeployment, now: number): Deployment {
  const { id, name, artifactName, createdAt, finishedAt, deviceCount, statistics, plan, filter, isOpen, stoppedWhy } = stored
  const isScheduled = stored.status === 'pending' && plan.startAt !== null && plan.startAt > now
  return {
    ...{ id, name, artifactName, createdAt, finishedAt, deviceCount, statistics, plan, filter, isOpen, stoppedWhy },
    isPausing: Object.values(stored.updateControlMap?.states ?? {}).some(({ action }) => action === 'pause'),
    status: isScheduled ? 'scheduled' : stored.status,
  }
}

function toDeviceView(
  each: StoredDeviceDeployment,
  { deployment, sources }: { deployment: StoredDeployment; sources: DeviceSources },
): DeviceDeployment {
  const { deviceId, status, startedAt, finishedAt, hasLog, failedAttempts } = each
  const device = sources.store.devices.get(deviceId)
  const waits = device && status === 'pending' && finishedAt === null
  return {
    ...{ deviceId, status, startedAt, finishedAt, hasLog, failedAttempts },
    deviceName: device ? deviceName(device) : each.deviceName,
    isVirtual: device !== null && virtualName(device.identity) !== null,
    explanation: waits ? explainWaiting(each, { deployment, device, sources }) : each.explanation || explain(each, sources),
    progress: status === 'downloading' ? sources.transferOf(deviceId) : null,
  }
}

interface Waiting {
  deployment: StoredDeployment
  device: StoredDevice
  sources: DeviceSources
}

function explainWaiting(each: StoredDeviceDeployment, { deployment, device, sources }: Waiting): string {
  const now = sources.now()
  const older = sources.store.deviceDeployments.active(each.deviceId).find(({ admittedAt }) => admittedAt !== null)
  const isBehind = older !== undefined && older.deploymentId !== each.deploymentId
  return whyPending({
    admission: admission({ ...deployment, now }),
    isAdmitted: each.admittedAt !== null,
    ...{ failedAttempts: each.failedAttempts, retries: each.retries, now },
    olderName: isBehind ? (sources.store.deployments.get(older.deploymentId)?.name ?? older.artifactName) : null,
    lastSeenAt: device.lastSeenAt,
    nextPollAt: nextPollOf(device, sources),
  })
}

function explain({ deploymentId, deviceId, status, failedAttempts }: StoredDeviceDeployment, { store }: DeviceSources): string {
  if (status !== 'failure') return ''
  const entries = store.timeline.ofDevice(deviceId, deploymentId)
  const summary = causeOf({ status, entries, log: store.deviceDeployments.log(deploymentId, deviceId) })?.summary ?? ''
  return failedAttempts < 2 ? summary : `${summary} It was tried ${failedAttempts} times.`
}
