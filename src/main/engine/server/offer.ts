import { type Candidate, nextDeployment } from '../fleet/next-deployment.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import { type DeviceParts, note, sizeText } from './device-parts.ts'
import type { NextQuestion } from './wire.ts'

export interface Offer {
  deploymentId: string
  artifact: StoredArtifact
}

/**
 * What the device is given to do, or null. Deployments come in the order in which they were made; one that has nothing for this
 * device is closed on the way, with the reason in words, and the next one is looked at.
 */
export function offerNext(parts: DeviceParts, deviceId: string, question: NextQuestion): Offer | null {
  for (;;) {
    const current = parts.store.deviceDeployments.active(deviceId)
    if (!current) return null
    const offer = parts.store.transaction(() => offerOne(parts, current, question))
    if (offer) return offer
  }
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
