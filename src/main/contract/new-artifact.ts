import { z } from 'zod'
import { id } from './operations.ts'

export const newArtifactKind = z.enum(['rootfs-image', 'single-file', 'script'])
export type NewArtifactKind = z.infer<typeof newArtifactKind>

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
  kind: newArtifactKind,
  /** The image, the file, or the scripts to run, in any order: the device runs them by name. */
  paths: z.array(path).min(1, 'Choose a file'),
  /** The folder on the device that a single file goes to. */
  destination: z.string().default(''),
  name: z.string().min(1, 'Give it a name').max(256, 'At most 256 characters').regex(/^\S*$/, 'A name has no spaces: use - or _'),
  deviceTypes: z.array(z.string().min(1)).min(1, 'Name at least one device type'),
  compression: z.enum(['none', 'gzip']),
  /** The key of the key ring to sign with. */
  keyId: id.nullable(),
  /** The parts of the provide that says the version: FILESYSTEM.NAME.version. Empty ones get the defaults of their kind. */
  softwareName: z.string().default(''),
  softwareVersion: z.string().default(''),
  softwareFilesystem: z.string().default(''),
  provides: pairs(['artifact_name', 'artifact_group']),
  depends: pairs(['artifact_name', 'artifact_group', 'device_type']),
  clearsProvides: z.array(z.string().min(1)).default([]),
  /** Paths of state scripts, or of folders of them. */
  scripts: z.array(path).default([]),
})

/** File names that the update module single-file keeps for itself. */
export const SINGLE_FILE_NAMES = ['dest_dir', 'filename', 'permissions']

/** What to write into a new artifact of the library. Paths are of the engine's machine. */
export const newArtifact = fields.superRefine((input, context) => {
  const refuse = (field: keyof typeof input, message: string): void => context.addIssue({ code: 'custom', path: [field], message })
  const names = input.paths.map((each) => each.slice(Math.max(each.lastIndexOf('/'), each.lastIndexOf('\\')) + 1))
  const bad = names.find((name) => !/^[\w\-.,]+$/.test(name))
  if (bad !== undefined) refuse('paths', `Clients refuse the file name "${bad}": only letters, digits and . , _ - are allowed`)
  if (new Set(names).size < names.length) refuse('paths', 'Two files have the same name')
  if (input.kind !== 'script' && names.length > 1) refuse('paths', 'One file only')
  if (input.kind !== 'single-file') return
  if (!/^\/[^\0\n]*$/.test(input.destination)) refuse('destination', 'Name a folder of the device, from /')
  if (names.some((name) => SINGLE_FILE_NAMES.includes(name)))
    refuse('paths', 'The update module uses this file name itself: rename the file')
})
export type NewArtifact = z.infer<typeof newArtifact>
