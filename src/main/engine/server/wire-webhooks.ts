import { deviceName } from '../fleet/identity.ts'
import type { Store } from '../store/open.ts'
import type { StoredEvent } from '../store/webhooks.ts'
import { toTime } from './wire-management.ts'

/** An event as it is told: what happened, and to whom, as far as that is still there. */
export function eventJson({ id, at, kind, deviceId, deploymentId, status }: StoredEvent, { devices, deployments }: Store) {
  const device = deviceId === null ? null : devices.get(deviceId)
  const deployment = deploymentId === null ? null : deployments.get(deploymentId)
  return {
    ...{ id, type: kind, time: toTime(at) },
    data: {
      status,
      ...(deviceId === null
        ? {}
        : { device: { id: deviceId, ...(device && { name: deviceName(device), identity_data: device.identity }) } }),
      ...(deploymentId === null
        ? {}
        : { deployment: { id: deploymentId, ...(deployment && { name: deployment.name, artifact_name: deployment.artifactName }) } }),
    },
  }
}

/** What is sent to see whether somebody listens. */
export const testJson = (at: number) => ({ id: 0, type: 'test', time: toTime(at), data: { status: 'test' } })

/** Of whom and what an event tells, in a few words. */
export function aboutEvent({ deviceId, deploymentId, status }: StoredEvent, { devices, deployments }: Store): string {
  const device = deviceId === null ? null : devices.get(deviceId)
  const deployment = deploymentId === null ? null : deployments.get(deploymentId)
  return [device ? deviceName(device) : deviceId, deployment ? deployment.name : deploymentId, status].filter(Boolean).join(', ')
}
