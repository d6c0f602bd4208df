import { z } from 'zod'
import type { Release } from './release-actions.ts'
import { artifactJson, oneOrMore } from './wire-artifacts.ts'
import { toTime } from './wire-management.ts'

export const releaseQuery = z
  .object({
    name: z.string().optional(),
    description: z.string().optional(),
    device_type: z.string().optional(),
    update_type: z.string().optional(),
    tag: oneOrMore.optional(),
    sort: z.string().optional(),
  })
  .transform(({ device_type: deviceType, update_type: payloadType, tag, ...rest }) => ({
    ...{ ...rest, deviceType, payloadType },
    tags: tag?.map((each) => each.toLowerCase()),
  }))
export const releaseNamesQuery = z.object({ name: oneOrMore })
export const releaseTagsBody = z.array(z.string())
export const releaseNotesBody = z.object({ notes: z.string().default('') })

/** As v1 of the API calls its fields. */
export function releaseJsonV1({ name, artifacts, note }: Release) {
  return { Name: name, Artifacts: artifacts.map(artifactJson), ArtifactsCount: artifacts.length, ...written({ artifacts, note }) }
}

export function releaseJson({ name, artifacts, note }: Release) {
  return { name, artifacts: artifacts.map(artifactJson), artifacts_count: artifacts.length, ...written({ artifacts, note }) }
}

function written({ artifacts, note }: Pick<Release, 'artifacts' | 'note'>) {
  const modifiedAt = Math.max(note.updatedAt, ...artifacts.map(({ updatedAt }) => updatedAt))
  return { modified: toTime(modifiedAt), tags: note.tags, notes: note.notes }
}
