import { t } from '@lingui/core/macro'
import type { Artifact } from '@contract/artifacts.ts'

/** Who signed it, as far as a key here could prove. */
export function signatureWord(signature: Artifact['signature']): string {
  if (!signature.present) return t`not signed`
  return signature.verifiedBy === null ? t`signed by a key that is not here` : t`signed by ${signature.verifiedBy}`
}

/** Why a device of this type would refuse the artifact; null when its type fits or is not known yet. */
export function typeObstacle(artifact: Pick<Artifact, 'deviceTypes'>, deviceType: string | null): string | null {
  if (deviceType === null || artifact.deviceTypes.length === 0 || artifact.deviceTypes.includes(deviceType)) return null
  return t`is for ${artifact.deviceTypes.join(', ')}, not ${deviceType}`
}
