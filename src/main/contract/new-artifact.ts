import { z } from 'zod'
import { COMPRESSION_IDS } from './compression.ts'
import { contentProblems, newArtifactKind } from './new-artifact-kinds.ts'
import { id } from './operations.ts'

const path = z
  .string()
  .regex(/^(\/|[A-Za-z]:\\)/, 'Give the whole path, from /')
  .regex(/^[^\0]*$/, 'A path has no NUL')

/** Keys of provides and depends: the command line parts them from their value by a colon. */
function pairs(reserved: readonly string[]) {
  const key = z
    .string()
    .regex(/^[^:\s]+$/, 'A key has no space and no colon')
    .refine((text) => text !== '__proto__' && !reserved.includes(text), 'This key has a field of its own')
  return z.record(key, z.string()).default({})
}

const fields = z.object({
  /** What the fields of a kind's own mean, and which are asked for: KindContent and KIND_SHAPES. */
  kind: newArtifactKind,
  paths: z.array(path).default([]),
  destination: z.string().default(''),
  payloadType: z.string().default(''),
  /** For module-image: a file with the JSON object that the update module gets; null for none. */
  metaDataPath: path.nullable().default(null),
  containers: z.array(z.string()).default([]),
  runArgs: z.string().default(''),
  projectName: z.string().default(''),
  imagesPath: path.nullable().default(null),
  name: z.string().min(1, 'Give it a name').max(256, 'At most 256 characters').regex(/^\S*$/, 'A name has no spaces: use - or _'),
  deviceTypes: z.array(z.string().min(1)).min(1, 'Name at least one device type'),
  compression: z.enum(COMPRESSION_IDS),
  /** The key of the key ring to sign with. */
  keyId: id.nullable(),
  /** The parts of the provide that says the version: FILESYSTEM.NAME.version. Empty ones get the defaults of their kind. */
  softwareName: z.string().default(''),
  softwareVersion: z.string().default(''),
  softwareFilesystem: z.string().default(''),
  provides: pairs(['artifact_name', 'artifact_group']),
  /** The group that the artifact puts the device in; empty for none. */
  group: z.string().regex(/^\S*$/, 'A group has no spaces').default(''),
  /** Names of artifacts, and groups, of which the device must have one. */
  dependsNames: z.array(z.string().min(1)).default([]),
  dependsGroups: z.array(z.string().min(1)).default([]),
  depends: pairs(['artifact_name', 'artifact_group', 'device_type']),
  clearsProvides: z.array(z.string().min(1)).default([]),
  /** Paths of state scripts, or of folders of them. */
  scripts: z.array(path).default([]),
})

/** What a bootstrap artifact cannot have. */
const NOT_IN_BOOTSTRAP = ['scripts', 'softwareName', 'softwareVersion', 'softwareFilesystem'] as const

/** What to write into a new artifact of the library. Paths are of the engine's machine. */
export const newArtifact = fields.superRefine((input, context) => {
  const refuse = (field: keyof typeof input, message: string): void => context.addIssue({ code: 'custom', path: [field], message })
  for (const [field, message] of contentProblems(input)) refuse(field, message)
  if (input.kind !== 'bootstrap-artifact') return
  for (const field of NOT_IN_BOOTSTRAP) if (input[field].length > 0) refuse(field, 'A bootstrap artifact has none')
})
export type NewArtifact = z.infer<typeof newArtifact>
