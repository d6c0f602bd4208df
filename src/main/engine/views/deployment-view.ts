import type { Deployment, DeploymentDetail, DeviceDeployment } from '../../contract/deployments.ts'
import { causeOf } from '../fleet/cause.ts'
import { deviceName, virtualName } from '../fleet/identity.ts'
import type { StoredDeployment } from '../store/deployments.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import type { DeviceSources } from './device-view.ts'

/** All deployments, the newest first. */
export function listDeployments({ store }: Pick<DeviceSources, 'store'>): Deployment[] {
  return store.deployments.list().map(toView)
}

/** One deployment with its outcome on each device; null when it is unknown. */
export function showDeployment(id: string, sources: DeviceSources): DeploymentDetail | null {
  const deployment = sources.store.deployments.get(id)
  if (!deployment) return null
  const devices = sources.store.deviceDeployments.ofDeployment(id).map((each) => toDeviceView(each, sources))
  return { ...toView(deployment), devices }
}

function toView({ id, name, artifactName, status, createdAt, finishedAt, deviceCount, statistics }: StoredDeployment): Deployment {
  return { id, name, artifactName, status, createdAt, finishedAt, deviceCount, statistics }
}

function toDeviceView(each: StoredDeviceDeployment, sources: DeviceSources): DeviceDeployment {
  const { deviceId, status, startedAt, finishedAt, hasLog } = each
  const device = sources.store.devices.get(deviceId)
  return {
    ...{ deviceId, status, startedAt, finishedAt, hasLog },
    deviceName: device ? deviceName(device) : each.deviceName,
    isVirtual: device !== null && virtualName(device.identity) !== null,
    explanation: each.explanation || explain(each, sources),
    progress: status === 'downloading' ? sources.transferOf(deviceId) : null,
  }
}

function explain({ deploymentId, deviceId, status }: StoredDeviceDeployment, { store }: DeviceSources): string {
  if (status !== 'failure') return ''
  const entries = store.timeline.ofDevice(deviceId, deploymentId)
  return causeOf({ status, entries, log: store.deviceDeployments.log(deploymentId, deviceId) })?.summary ?? ''
}
