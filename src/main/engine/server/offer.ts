import { deviceName } from '../fleet/identity.ts'
import { type Candidate, nextDeployment } from '../fleet/next-deployment.ts'
import { admission } from '../fleet/phases.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import { endedMeanwhile } from './deployment-actions.ts'
import { type DeviceParts, note, sizeText } from './device-parts.ts'
import { fitsFilter } from './inventory-search.ts'
import type { NextQuestion } from './wire.ts'
import { attributesOf } from './wire-management.ts'

export interface Offer {
  deploymentId: string
  artifact: StoredArtifact
}

/**
 * What the device is given to do, or null. Deployments come in the order in which they were made; one that is not due yet is passed
 * over, one that has nothing for this device is closed on the way, with the reason in words.
 */
export function offerNext(parts: DeviceParts, deviceId: string, question: NextQuestion): Offer | null {
  joinOpenDeployments(parts, deviceId)
  for (const current of parts.store.deviceDeployments.active(deviceId)) {
    const offer = parts.store.transaction(() => {
      if (endedMeanwhile(parts, current)) return null
      const admitted = admit(parts, current)
      return admitted && offerOne(parts, admitted, question)
    })
    if (offer) return offer
  }
  return null
}

/** A filter admits devices that come to fit it: they become part of its deployments when they ask. */
function joinOpenDeployments({ store, now }: DeviceParts, deviceId: string): void {
  const open = store.deployments.open()
  const device = open.length > 0 ? store.devices.get(deviceId) : null
  if (!device) return
  const attributes = attributesOf(device, store.inventory.ofDevice(deviceId))
  for (const { id, filter, plan, deviceCount } of open) {
    if (!filter || !fitsFilter(attributes, filter) || store.deviceDeployments.get(id, deviceId)) continue
    store.transaction(() => {
      store.deployments.join(id, { id: deviceId, name: deviceName(device), at: now() })
      if (plan.maxDevices !== null && deviceCount + 1 >= plan.maxDevices) store.deployments.close(id, now())
    })
  }
}

/** Lets the device begin when its deployment's plan has room for it; null while it has not. */
function admit({ store, now }: DeviceParts, current: StoredDeviceDeployment): StoredDeviceDeployment | null {
  if (current.admittedAt !== null || current.status !== 'pending') return current
  const deployment = store.deployments.get(current.deploymentId)
  if (!deployment || admission({ ...deployment, now: now() }).kind === 'wait') return null
  const admitted = { ...current, admittedAt: now() }
  store.deviceDeployments.update(admitted)
  return admitted
}

/** null when this deployment was closed on the device. */
function offerOne(parts: DeviceParts, current: StoredDeviceDeployment, { provides, hasAllProvides }: NextQuestion): Offer | null {
  const { store, now } = parts
  const { deviceId, deploymentId, artifactName, isForced, status } = current
  const isStarted = status !== 'pending'
  const artifacts = artifactsFor(parts, current, isStarted)
  const next = nextDeployment({ artifactName, isForced, isStarted, candidates: artifacts.map(toCandidate), provides, hasAllProvides })
  const artifact = next.kind === 'artifact' ? artifacts.find(({ id }) => id === next.id) : undefined
  if (artifact) {
    if (current.artifactId !== artifact.id) {
      store.deviceDeployments.update({ ...current, artifactId: artifact.id, previousArtifactName: provides['artifact_name'] ?? null })
      note(parts, { deviceId, deploymentId, lane: 'http', text: `Was offered ${artifactName} (${sizeText(artifact.sizeBytes)})` })
    }
    return { deploymentId, artifact }
  }
  const [closed, explanation] =
    next.kind === 'artifact' ? (['noartifact', 'The artifact is gone.'] as const) : ([next.kind, next.why] as const)
  store.deviceDeployments.update({ ...current, status: closed, explanation, finishedAt: now() })
  const level = closed === 'noartifact' ? 'warning' : 'info'
  note(parts, { deviceId, deploymentId, lane: 'state', level, text: `${artifactName}: ${closed}. ${explanation}` })
  return null
}

/** A device that has begun gets the very artifact that it began with, as long as that is there. */
function artifactsFor({ store }: DeviceParts, { artifactId, artifactName }: StoredDeviceDeployment, isStarted: boolean): StoredArtifact[] {
  const begun = isStarted && artifactId !== null ? store.artifacts.get(artifactId) : null
  return begun ? [begun] : store.artifacts.byName(artifactName)
}

function toCandidate({ id, content }: StoredArtifact): Candidate {
  const { deviceTypes, dependsNames, dependsGroups, depends } = content
  return { id, deviceTypes, dependsNames, dependsGroups, depends }
}
