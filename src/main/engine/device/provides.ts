import type { ArtifactContent } from '../../contract/artifacts.ts'
import { ARTIFACT_NAME, DEVICE_TYPE } from './wire.ts'

const GROUP = 'artifact_group'

type Header = Pick<ArtifactContent, 'deviceTypes' | 'dependsNames' | 'dependsGroups' | 'depends'>

/** What a device says of itself, in the terms of an artifact's depends. */
export interface DeviceFacts {
  deviceType: string
  artifactName: string
  provides: Readonly<Record<string, string>>
}

/** Why a client with these facts refuses an artifact, in words; null when it takes it. */
export function whyNotCompatible(header: Header, { deviceType, artifactName, provides }: DeviceFacts): string | null {
  if (!header.deviceTypes.includes(deviceType))
    return `The artifact is for device type ${header.deviceTypes.join(', ')}; ${deviceType}, the type of this device, is not among them`
  const known: Record<string, string> = { ...provides, [ARTIFACT_NAME]: artifactName, [DEVICE_TYPE]: deviceType }
  const wanted: [string, readonly string[]][] = Object.entries(header.depends).map(([name, value]) => [name, [value].flat()])
  if (header.dependsNames.length > 0) wanted.push([ARTIFACT_NAME, header.dependsNames])
  if (header.dependsGroups.length > 0) wanted.push([GROUP, header.dependsGroups])
  for (const [name, values] of wanted) {
    const has = known[name]
    if (has === undefined) return `The artifact depends on ${name}, which is missing on this device`
    if (!values.includes(has))
      return `The artifact depends on ${name} ${values.join(' or ')}, which is not met: this device provides ${has}`
  }
  return null
}

type Payload = Pick<ArtifactContent, 'group' | 'provides' | 'clearsProvides'>

/** What installing an artifact adds and takes away. Without clears_artifact_provides everything goes, as with artifacts of old. */
export function providesOf({ group, provides, clearsProvides }: Payload): { provides: Record<string, string>; clearsProvides: string[] } {
  return { provides: group === null ? provides : { ...provides, [GROUP]: group }, clearsProvides: clearsProvides ?? ['*'] }
}

/** The provides after an installation: what the patterns match is cleared (`*` stands for any text), then the new ones are added. */
export function applyProvides(
  current: Readonly<Record<string, string>>,
  { provides, clearsProvides }: { provides: Readonly<Record<string, string>>; clearsProvides: readonly string[] },
): Record<string, string> {
  const patterns = clearsProvides.map((text) => new RegExp(`^${text.split('*').map(literally).join('.*')}$`, 's'))
  const kept = Object.entries(current).filter(([name]) => !patterns.some((pattern) => pattern.test(name)))
  return { ...Object.fromEntries(kept), ...provides }
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
