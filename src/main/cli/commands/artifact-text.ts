import type { ArtifactContent } from '../../contract/artifacts.ts'

function textList(values: readonly string[]): string {
  return `[${values.join(', ')}]`
}

function signatureText({ present, verifiedBy }: ArtifactContent['signature']): string {
  if (!present) return 'no signature'
  return verifiedBy === null ? 'signed, not verified with any key' : `signed and verified with ${verifiedBy}`
}

/** `Title: {}` when there is nothing, else one line a member. */
function members(title: string, entries: Iterable<[string, string]>): string[] {
  const lines = [...entries].map(([key, value]) => `      ${key}: ${value}`)
  return lines.length === 0 ? [`    ${title}: {}`] : [`    ${title}:`, ...lines]
}

function fileLines({ name, sizeBytes, modifiedAt, sha256 }: ArtifactContent['files'][number]): string[] {
  return [
    `      - name: ${name}`,
    `        size: ${sizeBytes}`,
    `        modified: ${new Date(modifiedAt).toISOString()}`,
    `        checksum: ${sha256}`,
  ]
}

function payloadLines(content: ArtifactContent): string[] {
  const { payloadType, provides, depends, clearsProvides, metaData, files } = content
  const dependsEntries = Object.entries(depends).map(([key, value]): [string, string] => [
    key,
    typeof value === 'string' ? value : textList(value),
  ])
  return [
    `  - Type: ${payloadType ?? 'none (bootstrap artifact)'}`,
    ...members('Provides', Object.entries(provides)),
    ...members('Depends', dependsEntries),
    `    Clears Provides: ${clearsProvides === null ? 'everything (none listed)' : JSON.stringify(clearsProvides)}`,
    `    Metadata: ${metaData === null ? '{}' : JSON.stringify(metaData)}`,
    ...(files.length === 0 ? ['    Files: []'] : ['    Files:', ...files.flatMap(fileLines)]),
  ]
}

/** An artifact's content for people to read, in the words of `mender-artifact read`. */
export function describeContent(content: ArtifactContent): string {
  const { name, formatVersion, signature, compression, deviceTypes, group, dependsNames, dependsGroups, scripts, warnings } = content
  return [
    'Mender Artifact:',
    `  Name: ${name}`,
    '  Format: mender',
    `  Version: ${formatVersion}`,
    `  Signature: ${signatureText(signature)}`,
    `  Compression: ${compression}`,
    `  Compatible types: ${textList(deviceTypes)}`,
    `  Provides group: ${group ?? ''}`,
    `  Depends on one of artifact(s): ${textList(dependsNames)}`,
    `  Depends on one of group(s): ${textList(dependsGroups)}`,
    ...(scripts.length === 0 ? ['  State scripts: []'] : ['  State scripts:', ...scripts.map((script) => `    - ${script}`)]),
    'Updates:',
    ...payloadLines(content),
    ...(warnings.length === 0 ? [] : ['Warnings:', ...warnings.map((warning) => `  - ${warning}`)]),
  ].join('\n')
}
