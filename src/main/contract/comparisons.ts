import { z } from 'zod'
import { artifactContent, payloadFile } from './artifacts.ts'
import { id, live, localLive } from './operations.ts'

export const change = z.enum(['added', 'removed', 'changed'])
export type Change = z.infer<typeof change>

/** A part of the header with its value in each artifact. */
const fieldChange = z.object({ field: z.string(), a: z.unknown(), b: z.unknown() })

const entryValue = z.union([z.string(), z.array(z.string())]).nullable()

/** An entry of provides or depends; null on the side where it is absent. */
const entryChange = z.object({ key: z.string(), change, a: entryValue, b: entryValue })

/** Text as unified hunks; null when it is no text or too long. Of what was added or removed the whole text. */
const lines = z.array(z.string()).nullable()

const scriptChange = z.object({ name: z.string(), change, lines })

/** What `ls -l` shows of one file of an image. Sizes and checksums are those of regular files, null of others. */
export const fileFacts = z.object({
  kind: z.enum(['file', 'folder', 'link', 'character device', 'block device', 'fifo', 'socket']),
  uid: z.number(),
  gid: z.number(),
  modifiedAt: z.number(),
  /** Permission bits in octal, four digits. */
  mode: z.string(),
  sizeBytes: z.number().nullable(),
  linkTarget: z.string().nullable(),
  /** `MAJOR:MINOR` of a device. */
  device: z.string().nullable(),
  sha256: z.string().nullable(),
})
export type FileFacts = z.infer<typeof fileFacts>

/** A path at which two images differ; `a` or `b` is null where there is no such file. */
export const fileChange = z.object({
  path: z.string(),
  change,
  differs: z.array(fileFacts.keyof()),
  a: fileFacts.nullable(),
  b: fileFacts.nullable(),
  /** How a small text differs; absent where it was not looked at. */
  lines: lines.optional(),
})
export type FileChange = z.infer<typeof fileChange>

/** What is inside two images: the paths at which they differ, or why that cannot be told. */
export const imageDiff = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ext4'), changes: z.array(fileChange) }),
  z.object({ kind: z.literal('unreadable'), why: z.string() }),
])
export type ImageDiff = z.infer<typeof imageDiff>

const payloadChange = z.object({ change, a: payloadFile.nullable(), b: payloadFile.nullable() })

/** How two artifacts differ, part by part; lists are empty where nothing does. */
const artifactDiff = z.object({
  header: z.array(fieldChange),
  provides: z.array(entryChange),
  depends: z.array(entryChange),
  scripts: z.array(scriptChange),
  payload: z.array(payloadChange),
})
export type ArtifactDiff = z.infer<typeof artifactDiff>

export const comparison = artifactDiff.extend({
  isSame: z.boolean(),
  payload: z.array(payloadChange.extend({ contents: imageDiff.nullable() })),
  a: artifactContent,
  b: artifactContent,
})
export type Comparison = z.infer<typeof comparison>

export const comparisonStep = z.enum(['read-a', 'read-b', 'files'])
export type ComparisonStep = z.infer<typeof comparisonStep>

/** A comparison as it goes: bytes of each artifact, then files of the images; in the end the answer. */
export const comparing = z.discriminatedUnion('state', [
  z.object({ state: z.literal('running'), step: comparisonStep, done: z.number(), total: z.number() }),
  z.object({
    state: z.literal('done'),
    comparison,
    /** Paths that differ in nothing but their time of change, which are not listed; and those that were too many to list. */
    timeOnlyCount: z.number(),
    unlistedCount: z.number(),
  }),
])
export type Comparing = z.infer<typeof comparing>

/** An artifact of the library, or a `.mender` file of the engine's machine, whose payload may expand far only where that is allowed. */
const side = z.union([z.object({ id }), z.object({ path: z.string().min(1), allowExpansion: z.boolean().default(false) })])

export const comparisons = {
  /** Compares while it is followed: whoever stops following cancels it. */
  ofLibrary: live(z.object({ a: id, b: id }), comparing),
  ofFiles: localLive(z.object({ a: side, b: side }), comparing),
}
