import type { ArtifactContent } from '../../contract/artifacts.ts'
import { type Header, OLD_FORMAT_WARNING } from './header.ts'
import { CLIENT_PAYLOAD_NAME_BYTES } from './limits.ts'
import { missingForModule } from './lint-modules.ts'
import type { PayloadFile } from './payload.ts'

/** `refused`: no current client installs it. `warning`: a client takes it, but somebody may stumble. */
export interface Finding {
  severity: 'refused' | 'warning'
  message: string
}

export type Described = Pick<Header, 'name' | 'deviceTypes' | 'depends'>

/** What is to be said about names and depends. */
export function findingsIn(header: Described, files: readonly Pick<PayloadFile, 'name'>[]): Finding[] {
  const findings: Finding[] = []
  const add = (severity: Finding['severity'], message: string) => findings.push({ severity, message })
  for (const [key, value] of Object.entries(header.depends)) {
    if (typeof value !== 'string') add('refused', `depends "${key}" is a list; clients take only a single value and refuse the artifact`)
  }
  for (const { name } of files) {
    if (name.length > CLIENT_PAYLOAD_NAME_BYTES)
      add('refused', `the payload file name "${name}" is longer than ${CLIENT_PAYLOAD_NAME_BYTES} bytes; clients refuse the artifact`)
  }
  if (/\s/.test(header.name)) add('warning', 'the artifact name contains white space; mender-artifact refuses to write such a name')
  if (header.deviceTypes.some((type) => type === '' || /\s/.test(type))) add('warning', 'a device type is empty or contains white space')
  return findings
}

/** What a client could stumble over although the file is valid, in words. */
export function warningsOf(header: Described, files: readonly Pick<PayloadFile, 'name'>[]): string[] {
  return findingsIn(header, files).map(({ message }) => message)
}

/** What a sound artifact is refused for, in words; empty when a client takes it (mender-artifact format, section 1.10, and limits of the client). */
export function refusals(content: Pick<Examined, 'files' | 'formatVersion'> & Described): string[] {
  const found = findingsIn(content, content.files).flatMap(({ severity, message }) => (severity === 'refused' ? [message] : []))
  return content.formatVersion === 2 ? [OLD_FORMAT_WARNING, ...found] : found
}

/** What is to be known of an artifact to judge it. */
export type Examined = Omit<ArtifactContent, 'files' | 'signature' | 'compression'> & { files: Pick<PayloadFile, 'name' | 'sha256'>[] }

/** Everything there is to say about an artifact that could be read whole, the grave first. */
export function findingsOf(content: Examined): Finding[] {
  const grave = refusals(content)
  const others = content.warnings.filter((text) => !grave.includes(text))
  return [
    ...grave.map((message): Finding => ({ severity: 'refused', message })),
    ...[...others, ...habits(content), ...missingForModule(content)].map((message): Finding => ({ severity: 'warning', message })),
  ]
}

/** What is allowed, and seldom meant. */
function habits({ provides, depends, clearsProvides, payloadType, files, formatVersion }: Examined): string[] {
  if (formatVersion === 2 || payloadType === null) return []
  const found: string[] = []
  if (clearsProvides === null)
    found.push('it has no clears_artifact_provides: the client clears everything that the device provides before it adds what is new')
  for (const key of ['artifact_name', 'artifact_group', 'device_type']) {
    if (key in provides || key in depends) found.push(`type-info says ${key} again, which belongs into header-info`)
  }
  const checksum = provides['rootfs-image.checksum']
  if (payloadType === 'rootfs-image' && checksum !== undefined && checksum !== files[0]?.sha256)
    found.push('rootfs-image.checksum among the provides is not the checksum of the payload')
  return found
}
