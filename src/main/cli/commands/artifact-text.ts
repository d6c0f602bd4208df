import type { ArtifactContent } from '../../contract/artifacts.ts'
import { goJsonIndented } from '../../engine/artifact/go-json.ts'

/** `Title: []` when there is nothing, else on one line or one line a member. */
function list(title: string, values: readonly string[], isInline: boolean): string[] {
  if (values.length === 0 || isInline) return [`${title}: [${values.join(', ')}]`]
  return [`${title}:`, ...indented(values.map((value) => `- ${value}`))]
}

function members(title: string, entries: Iterable<readonly [string, string]>): string[] {
  const lines = [...entries].map(([key, value]) => `${key}: ${value}`).toSorted()
  return lines.length === 0 ? [`${title}: {}`] : [`${title}:`, ...indented(lines)]
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

function signatureText({ present, verifiedBy }: ArtifactContent['signature'], hasKeys: boolean): string {
  if (!present) return 'no signature'
  if (verifiedBy !== null) return `signed and verified correctly with ${verifiedBy}`
  return hasKeys
    ? 'signed; verification using provided key failed'
    : 'signed but no key for verification provided; please use `-k` option for providing verification key'
}

/** As Go prints a time in UTC, whole seconds. */
function timeText(at: number): string {
  const [day = '', time = ''] = new Date(at).toISOString().split(/[T.]/)
  return `${day} ${time} +0000 UTC`
}

function fileLines({ name, sizeBytes, modifiedAt, sha256 }: ArtifactContent['files'][number]): string[] {
  return [`- checksum: ${sha256}`, `  modified: ${timeText(modifiedAt)}`, `  name: ${name}`, `  size: ${sizeBytes}`]
}

function payloadLines({ payloadType, provides, depends, clearsProvides, metaData, files }: ArtifactContent): string[] {
  const dependsEntries = Object.entries(depends).map(
    ([key, value]) => [key, typeof value === 'string' ? value : `[${value.join(' ')}]`] as const,
  )
  const hasMetaData = metaData !== null && Object.keys(metaData).length > 0
  const facts = [
    ...members('Provides', Object.entries(provides)),
    ...members('Depends', dependsEntries),
    ...list('Clears Provides', clearsProvides ?? [], true),
    ...(hasMetaData ? ['Metadata:', ...indented(goJsonIndented(metaData).split('\n'))] : ['Metadata: {}']),
    ...(files.length === 0 ? ['Files: []'] : ['Files:', ...indented(files.flatMap(fileLines))]),
  ]
  return [`- Type: ${payloadType ?? 'Empty type'}`, ...indented(facts)]
}

/**
 * An artifact's content as `mender-artifact read` of 4.x prints it, line by line; what is ours, the compression and the warnings, stands
 * where a reader of its lines does not trip over it. `hasKeys` says that a key was given to verify with.
 */
export function describeContent(content: ArtifactContent, hasKeys: boolean): string {
  const { name, formatVersion, signature, compression, deviceTypes, group, dependsNames, dependsGroups, scripts, warnings } = content
  const ofFormat3 = [
    `Provides group: ${group ?? ''}`,
    ...list('Depends on one of artifact(s)', dependsNames, true),
    ...list('Depends on one of group(s)', dependsGroups, true),
  ]
  return [
    'Mender Artifact:',
    ...indented([
      ...[`Name: ${name}`, 'Format: mender', `Version: ${formatVersion}`],
      `Signature: ${signatureText(signature, hasKeys)}`,
      ...list('Compatible types', deviceTypes, true),
      ...(formatVersion === 3 ? ofFormat3 : []),
      ...list('State scripts', scripts, false),
      `Compression: ${compression}`,
    ]),
    '',
    'Updates:',
    ...indented(payloadLines(content)),
    ...(warnings.length === 0 ? [] : list('Warnings', warnings, false)),
  ].join('\n')
}
