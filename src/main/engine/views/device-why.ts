import { explainDevice } from './deployment-view.ts'
import type { DeviceSources } from './device-view.ts'

/** What a device gets or why it gets nothing: of its deployment that is not finished, else of the last one. */
export function whyOf(id: string, sources: DeviceSources): string {
  const { store } = sources
  const deployment = store.deviceDeployments.active(id)[0] ?? store.deviceDeployments.ofDevice(id)[0]
  if (deployment) return `${deployment.artifactName}: ${explainDevice(deployment.deploymentId, id, sources) ?? ''}`
  const status = store.devices.get(id)?.status
  return status === 'accepted'
    ? 'Nothing was deployed to it yet.'
    : `Nothing is deployed to it: its status is "${status}", and only accepted devices get deployments.`
}
