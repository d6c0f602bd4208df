import { z } from 'zod'
import { driveIdentity } from './drives.ts'
import { failure } from './errors.ts'
import { id, instant, live, localAsk, localCall, nothing } from './operations.ts'

const filePath = z.string().min(1).max(4096)

/** How an image is packed. `artifact`: a Mender artifact, of which the root file system is written into one partition. */
export const imageFormat = z.enum(['raw', 'gzip', 'xz', 'zstd', 'bzip2', 'zip', 'artifact'])

/** What speaks for an image, as far as it lies beside it: it is checked before anything is written. */
const flashWitness = z.object({
  /** `given`: a SHA-256 that came with the request. */
  kind: z.enum(['given', 'sha256', 'sha512', 'signature', 'bmap']),
  /** The file that says so; empty for `given`. */
  path: z.string(),
  /** False for a signature whose key gpg does not have, and before it was looked at. */
  isChecked: z.boolean(),
  /** When an earlier flash held the image against it, where nothing has changed the file since; null where this one does. */
  heldAt: z.number().nullable().default(null),
})

/** An image as it is found before it is written. */
export const flashSource = z.object({
  path: filePath,
  format: imageFormat,
  storedBytes: z.number(),
  /** Unpacked; null where only unpacking would tell. */
  imageBytes: z.number().nullable(),
  /** What has to be written of it; null where that shows only while it is read. */
  mappedBytes: z.number().nullable(),
  /** Where the block map comes from. `file-systems`: out of their own allocation maps. `none`: all of it is written. */
  map: z.enum(['beside', 'inside', 'file-systems', 'none']),
  witnesses: z.array(flashWitness),
  /** Why a raw image without a map may not be what it should: it ends too early, or is none. It is written as it is. */
  problem: z.string().nullable().default(null),
})
export type FlashSource = z.infer<typeof flashSource>
export type FlashWitness = FlashSource['witnesses'][number]

/** A drive with the identity it had when it was chosen, or a file that plays a card (`identity` null), which is made when it is absent. */
export const flashTarget = z.object({
  path: filePath,
  identity: driveIdentity.nullable(),
  /** The drive's name as a person typed it, where its verdict asks for that. */
  typedName: z.string().max(500).nullable().default(null),
})
export type FlashTarget = z.infer<typeof flashTarget>

export const MAX_LANES = 32

export const flashRequest = z.object({
  source: filePath,
  /** Of the file as it is stored, in hexadecimal digits: refused when it has another one. */
  sha256: z
    .string()
    .regex(/^[\da-f]{64}$/i, 'a SHA-256 has 64 hexadecimal digits')
    .nullable()
    .default(null),
  /** A block map elsewhere than beside the image or inside its zip. */
  bmap: filePath.nullable().default(null),
  targets: z.array(flashTarget).min(1).max(MAX_LANES),
  /** Writes one partition alone: a root file system, bare or out of an artifact, straight into a slot. */
  partition: z.number().int().positive().nullable().default(null),
  /** Reads everything back. */
  verify: z.boolean().default(true),
  /** Reads first, and writes only what differs, at a grain of 64 KiB. */
  differential: z.boolean().default(false),
})
export type FlashRequest = z.input<typeof flashRequest>

/** `interrupted`: the bench was stopped while it went on; it can be finished. */
export const laneState = z.enum(['waiting', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted'])

/** `checking`: of the image, before anything is written. */
export const lanePhase = z.enum(['checking', 'opening', 'writing', 'verifying', 'finishing'])

/** A place that read back otherwise than it was written, and was written again. */
const rewrite = z.object({ startBytes: z.number(), endBytes: z.number(), times: z.number().int() })

/** One target of a flash: it goes at its own speed, and fails alone. */
export const lane = z.object({
  id,
  target: flashTarget,
  state: laneState,
  /** Whether something may have been written to the target: then it has to be finished. */
  isBegun: z.boolean().default(true),
  /** Whether a later flash has written the target to its end: there is nothing to finish any more. Told, not kept. */
  isWrittenSince: z.boolean().default(false),
  phase: lanePhase,
  /** Of the phase; null while it is not known. */
  doneBytes: z.number(),
  totalBytes: z.number().nullable(),
  /** Of the last seconds. */
  bytesPerSecond: z.number(),
  /** The rates of writing along what is written, in bytes a second, each for `sampleBytes` of it: SAMPLE_COUNT at most. */
  samples: z.array(z.number()),
  sampleBytes: z.number(),
  /** What this lane waits for; null when it is not running. */
  bottleneck: z.enum(['source', 'decompression', 'card']).nullable(),
  /** What was in fact written, and what was found to be there already. */
  writtenBytes: z.number(),
  savedBytes: z.number(),
  /** Places of the card that were compared with the image before it was written; where too many differed, all was written. */
  sampled: z.object({ count: z.number().int(), different: z.number().int(), isDifferential: z.boolean() }).nullable().default(null),
  /** The first few; `rewriteCount` counts all. */
  rewrites: z.array(rewrite),
  rewriteCount: z.number().int(),
  failure: failure.nullable(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  jobId: id.nullable(),
})
export type Lane = z.infer<typeof lane>

export const SAMPLE_COUNT = 120

/** How many flashes of which nothing has to be finished stay in the list. */
export const KEPT_DONE_COUNT = 20

/** One image on its way to one or several targets. */
export const flashView = z.object({
  id,
  request: flashRequest,
  source: flashSource.nullable(),
  /** Of the stored file; null until it was read to its end, and where its block map vouches for a raw image: then not all of it is read. */
  sha256: z.string().nullable(),
  /** Whether `sha256` is what it will be. */
  isSummed: z.boolean().default(true),
  lanes: z.array(lane),
  startedAt: instant,
})
export type FlashView = z.infer<typeof flashView>

const someLanes = z.object({
  id,
  /** Lanes by their id; null: all. */
  lanes: z.array(id).nullable().default(null),
})

export const flash = {
  /** What a file would be as a source. ARTIFACT_INVALID, NOT_FOUND, BAD_INPUT. */
  inspect: localAsk(z.object({ path: filePath, bmap: filePath.nullable().default(null) }), flashSource),
  /** Starts one lane a target, each of them a job; CONFLICT when another job uses a target. */
  start: localCall(flashRequest, z.object({ id })),
  /** Those that go on, and those that have ended, until they are forgotten; the newest first. Of those with nothing to finish, KEPT_DONE_COUNT stay. */
  list: live(nothing, z.array(flashView)),
  pause: localCall(someLanes, nothing),
  continue: localCall(someLanes, nothing),
  cancel: localCall(someLanes, nothing),
  /**
   * Finishes lanes that failed, were cancelled or interrupted, and whose target was not written since: what is there already is read, and only the rest is written. `identities`
   * are those of the drives as they are now, by lane: a card that was plugged in again has another number.
   */
  retry: localCall(someLanes.extend({ identities: z.record(id, driveIdentity).default({}) }), nothing),
  /** Takes one that has ended out of the list. */
  forget: localCall(z.object({ id }), nothing),
}
