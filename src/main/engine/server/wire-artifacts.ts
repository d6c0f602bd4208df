import { z } from 'zod'
import type { StoredArtifact } from '../store/artifacts.ts'
import { toTime } from './wire-management.ts'

/** A query parameter that may come several times. */
export const oneOrMore = z.union([z.array(z.string()), z.string().transform((one) => [one])])
export const artifactQuery = z
  .object({
    name: oneOrMore.optional(),
    description: z.string().optional(),
    device_type: z.string().optional(),
    sort: z.string().optional(),
  })
  .transform(({ device_type: deviceType, ...rest }) => ({ ...rest, deviceType }))
export const descriptionBody = z.object({ description: z.string().max(4096).default('') })

/** Exact, or by the beginning when the pattern ends in `*`: how the API filters by name, description and device type. */
export function fitsPattern(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}

export function artifactJson({ id, description, sizeBytes, content, updatedAt }: StoredArtifact) {
  return { id, description, ...contentJson(content), size: sizeBytes, modified: toTime(updatedAt) }
}

export function contentJson(content: StoredArtifact['content']) {
  const { name, group, deviceTypes, formatVersion, signature, payloadType, metaData, files } = content
  return {
    name,
    device_types_compatible: deviceTypes,
    info: { format: 'mender', version: formatVersion },
    signed: signature.present,
    updates: [
      {
        type_info: payloadType === null ? {} : { type: payloadType },
        files: files.map((file) => ({ name: file.name, checksum: file.sha256, size: file.sizeBytes, date: toTime(file.modifiedAt) })),
        meta_data: metaData === null ? [] : [metaData],
      },
    ],
    artifact_provides: { artifact_name: name, ...(group === null ? {} : { artifact_group: group }), ...content.provides },
    artifact_depends: dependsJson(content),
    clears_artifact_provides: content.clearsProvides ?? [],
  }
}

function dependsJson({ deviceTypes, dependsNames, dependsGroups, depends }: StoredArtifact['content']): Record<string, string[]> {
  return {
    device_type: deviceTypes,
    ...(dependsNames.length > 0 ? { artifact_name: dependsNames } : {}),
    ...(dependsGroups.length > 0 ? { artifact_group: dependsGroups } : {}),
    ...Object.fromEntries(Object.entries(depends).map(([name, value]) => [name, [value].flat()])),
  }
}

/** Why an upload is refused: the artifact that is there already, as Mender names the conflict. */
export const conflictJson = ({ id, content }: StoredArtifact) => ({
  metadata: { conflict: { id, artifact_name: content.name, device_types_compatible: content.deviceTypes } },
})

export const linkJson = ({ uri, expiresAt }: { uri: string; expiresAt: number }) => ({ uri, expire: toTime(expiresAt) })

/** What an upload may say beside what Mender knows: `?allow_expansion=true` lets its payload expand as far as it likes. */
export const uploadQuery = z
  .object({ allow_expansion: z.stringbool().optional() })
  .transform(({ allow_expansion: allowExpansion }) => ({ allowExpansion }))
