import { z } from 'zod'
import { insideFile } from './inside-files.ts'
import { newArtifact } from './new-artifact.ts'
import { ask, call, id, instant, live, localAsk, localCall, nothing } from './operations.ts'

const textMap = z.record(z.string(), z.string())

/** One payload file as the manifest lists it. */
export const payloadFile = z.object({ name: z.string(), sizeBytes: z.number(), sha256: z.string(), modifiedAt: instant })

/** `present` says the file carries a signature; `verifiedBy` names the key that proved it, null when none was tried or fitted. */
export const signature = z.object({ present: z.boolean(), verifiedBy: z.string().nullable() })

/** What a `.mender` file says of itself (format 2 or 3), independent of where it lies. */
export const artifactContent = z.object({
  formatVersion: z.number().int(),
  name: z.string(),
  group: z.string().nullable(),
  deviceTypes: z.array(z.string()),
  /** null is the type of a bootstrap artifact. */
  payloadType: z.string().nullable(),
  compression: z.enum(['none', 'gzip', 'lzma', 'zstd']),
  dependsNames: z.array(z.string()),
  dependsGroups: z.array(z.string()),
  provides: textMap,
  depends: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  clearsProvides: z.array(z.string()).nullable(),
  scripts: z.array(z.string()),
  metaData: z.record(z.string(), z.unknown()).nullable(),
  files: z.array(payloadFile),
  signature,
  /** What a client could stumble over although the file is valid, in words. */
  warnings: z.array(z.string()),
})
export type ArtifactContent = z.infer<typeof artifactContent>

/** An artifact in the library. */
export const artifact = artifactContent.extend({
  id,
  sizeBytes: z.number(),
  sha256: z.string(),
  description: z.string(),
  addedAt: instant,
  /** How many devices say that they run it. */
  installedCount: z.number().int(),
})
export type Artifact = z.infer<typeof artifact>

/** Whether a device would take an artifact, by the rules of its client; `why` says the rule, or what is to be known although none is broken. */
export const compatibility = z.object({ deviceId: id, deviceName: z.string(), willInstall: z.boolean(), why: z.string() })
export type Compatibility = z.infer<typeof compatibility>

const insidePath = z.object({ id, path: z.string().startsWith('/') })

export const artifacts = {
  list: live(nothing, z.array(artifact)),
  show: live(z.object({ id }), artifact),
  /** For every device whether it would take the artifact; of more than DEVICE_WINDOW devices, for the first. */
  compatibility: live(z.object({ id }), z.array(compatibility)),
  /** Reads a file that is not in the library; nothing is kept. */
  inspect: localAsk(z.object({ path: z.string().min(1) }), artifactContent),
  /**
   * Starts the job that copies a file into the library, checked. It fails with EXPANSION_LIMIT where the payload expands too far to be
   * taken without `allowExpansion`.
   */
  add: localCall(
    z.object({ path: z.string().min(1), description: z.string().default(''), allowExpansion: z.boolean().default(false) }),
    z.object({ id, jobId: id }),
  ),
  /** Writes an artifact into the library; answers when its job has begun. BAD_INPUT begins with the field that is wrong. */
  write: localCall(newArtifact, z.object({ id, jobId: id })),
  /**
   * Writes an artifact into the library that makes the image of `toId` out of that of `fromId`, both rootfs-images of the library;
   * answers when its job has begun. Named as `toId` unless told otherwise: a device then gets the one of the two that fits it, the
   * smaller before the larger. What was saved is seen from its `sizeBytes` beside that of `toId`; the job's log says it too.
   */
  delta: call(
    z.object({
      fromId: id,
      toId: id,
      name: z
        .string()
        .regex(/^\S{1,256}$/, 'A name has no spaces')
        .optional(),
      keyId: id.nullable(),
    }),
    z.object({ id, jobId: id }),
  ),
  /** The state scripts of an artifact with their text, cut where it is long; null for what is no text. */
  scripts: ask(z.object({ id }), z.array(z.object({ name: z.string(), text: z.string().nullable() }))),
  /** What a folder of the payload's file system holds; BAD_INPUT where the payload is no ext2, 3, 4 or FAT, NOT_FOUND for no folder. */
  files: ask(insidePath, z.array(insideFile)),
  /** A file of it as text, links followed, cut where it is long; null for what is no text. */
  fileText: ask(insidePath, z.object({ text: z.string().nullable() })),
  /** With `canUndo` it can be put back for a minute, unless the engine ends before. CONFLICT while an unfinished deployment names it. */
  remove: call(z.object({ id, canUndo: z.boolean().default(false) }), nothing),
  /** Undoes `remove`. NOT_FOUND when its time is over, CONFLICT when another has taken its place. */
  putBack: call(z.object({ id }), nothing),
  /** Where the library's file lies, for what the shell does with files: show one, drag one out. */
  location: localAsk(z.object({ id }), z.object({ path: z.string() })),
  /** Writes a copy of the library's file. */
  save: localCall(z.object({ id, path: z.string().min(1) }), nothing),
}
