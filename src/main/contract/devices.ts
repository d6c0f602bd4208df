import { z } from 'zod'
import { filterTerm } from './filters.ts'
import { devicePolls, fleetPollQuery, fleetPolls, versionFigures, versionQuery } from './figures.ts'
import { call, id, instant, live, localCall, nothing } from './operations.ts'
import { path } from './sizes.ts'

export const authStatus = z.enum(['pending', 'accepted', 'rejected', 'preauthorized', 'noauth'])
export type AuthStatus = z.infer<typeof authStatus>

/** Device deployment statuses, verbatim as in Mender's API. */
export const deviceDeploymentStatus = z.enum([
  'pending',
  'downloading',
  'installing',
  'rebooting',
  'pause_before_installing',
  'pause_before_rebooting',
  'pause_before_committing',
  'success',
  'failure',
  'noartifact',
  'already-installed',
  'aborted',
  'decommissioned',
])
export type DeviceDeploymentStatus = z.infer<typeof deviceDeploymentStatus>

/** The one state machine of a card. Words, icons and colours hang on these in the view. */
export const cardState = z.enum([
  'pending',
  'expected',
  'up-to-date',
  'queued',
  'downloading',
  'installing',
  'paused',
  'rebooting',
  'trial-boot',
  'updated',
  'rolled-back',
  'failed',
  'inconsistent',
  'mismatch',
  'overdue',
  'offline',
  'off',
  'rejected',
])
export type CardState = z.infer<typeof cardState>

export const slot = z.object({
  name: z.enum(['A', 'B']),
  artifactName: z.string().nullable(),
  isRunning: z.boolean(),
  /** `trial`: booted, not committed. `failed`: a trial boot that was given up. */
  condition: z.enum(['committed', 'trial', 'writing', 'written', 'failed', 'idle', 'empty']),
  writtenBytes: z.number(),
  sizeBytes: z.number(),
})
export type Slot = z.infer<typeof slot>

/** What the bootloader keeps: the words are those of Mender's U-Boot integration. */
export const bootEnvironment = z.object({
  bootCount: z.number().int(),
  bootLimit: z.number().int(),
  isUpgradeAvailable: z.boolean(),
  bootSlot: z.enum(['A', 'B']),
})
export type BootEnvironment = z.infer<typeof bootEnvironment>

export const authset = z.object({ id, status: authStatus, keyFingerprint: z.string(), keyAlgorithm: z.string(), createdAt: instant })

export const attribute = z.object({ scope: z.string(), name: z.string(), value: z.union([z.string(), z.array(z.string())]) })

/** What is deployed to a device. */
export const deployed = z.object({
  id,
  artifactName: z.string(),
  status: deviceDeploymentStatus,
  /** Bytes of the artifact that the server has sent to this device. */
  progress: z.object({ doneBytes: z.number(), totalBytes: z.number() }).nullable(),
})

/** One board on the bench. `virtual` is set for a simulated one and names its profile; `boardId` only when it is of the virtual bench. */
export const device = z.object({
  id,
  /** Shown name: a nickname, else the identity's first value. */
  name: z.string(),
  identity: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  virtual: z.object({ boardId: id.nullable(), profile: z.string() }).nullable(),
  /** Name of the virtual board of this bench that it is; null for others. */
  board: z.string().nullable(),
  status: authStatus,
  authsets: z.array(authset),
  /** The key that asks while another one is accepted, as after re-flashing: accepting it rejects the other. */
  newKey: z.object({ authsetId: id, keyFingerprint: z.string(), askedAt: instant }).nullable(),
  deviceType: z.string().nullable(),
  artifactName: z.string().nullable(),
  group: z.string().nullable(),
  /** State word and its detail ("running v1.4 on A"). */
  card: z.object({ state: cardState, detail: z.string() }),
  /** null while nothing has observed the slots: the server alone cannot know them. */
  slots: z.array(slot).nullable(),
  boot: bootEnvironment.nullable(),
  evidence: z.object({ source: z.enum(['server', 'virtual', 'serial', 'ssh']), at: instant }).nullable(),
  deployment: deployed.extend({ finishedAt: instant.nullable() }).nullable(),
  /** Of its mender-connect: without one there is no terminal, no file and no poll on demand. */
  connection: z.object({ state: z.enum(['connected', 'reconnecting', 'disconnected', 'never']), since: instant.nullable() }),
  createdAt: instant,
  lastSeenAt: instant.nullable(),
  /** Since when it has missed its polls; null while it is heard. */
  silentAt: instant.nullable(),
  /** By which rule, in words; null while it is heard. */
  silentWhy: z.string().nullable(),
  /** Estimated from the intervals seen so far; null before the second poll. */
  nextPollAt: instant.nullable(),
  /** The last two lines of its console. */
  tail: z.array(z.string()),
})
export type Device = z.infer<typeof device>

/** Why a device was refused (401) the last time, by its key; without one it was its token. */
export const refusal = z.object({
  /** null while nobody knows such a device. */
  deviceId: id.nullable(),
  name: z.string(),
  keyFingerprint: z.string(),
  address: z.string(),
  reason: z.string(),
  /** What to do about it. */
  remedy: z.string(),
  firstAt: instant,
  lastAt: instant,
  /** How often in a row for this reason. */
  times: z.number().int(),
})
export type Refusal = z.infer<typeof refusal>

export const deviceDetail = device.extend({
  inventory: z.array(attribute),
  /** What it gets or why it gets nothing, in words. */
  why: z.string(),
  refusals: z.array(refusal),
})
export type DeviceDetail = z.infer<typeof deviceDetail>

/** One line of the joined timeline. */
export const timelineEntry = z.object({
  id: z.number().int(),
  at: instant,
  deviceId: id,
  deploymentId: id.nullable(),
  lane: z.enum(['http', 'state', 'boot', 'serial', 'power', 'log']),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
})
export type TimelineEntry = z.infer<typeof timelineEntry>

/** Why an update ended as it did: one sentence, what to do, and the entry that shows it. */
export const cause = z.object({ summary: z.string(), remedy: z.string(), entryId: z.number().int().nullable() })
export type Cause = z.infer<typeof cause>

export const timeline = z.object({ entries: z.array(timelineEntry), cause: cause.nullable() })

export const groupName = z.string().regex(/^[A-Za-z0-9_-]{1,1024}$/)

/** What was deployed to a device. */
export const deviceHistory = z.array(
  z.object({
    deploymentId: id,
    name: z.string(),
    artifactName: z.string(),
    status: deviceDeploymentStatus,
    /** As in the deployment. */
    explanation: z.string(),
    createdAt: instant,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    hasLog: z.boolean(),
  }),
)
export type DeviceHistory = z.infer<typeof deviceHistory>

/** So many devices travel at a time, unless fewer are asked for. */
export const DEVICE_WINDOW = 1000

/** Which devices are wanted: of all, or of those that hold a text in their name, identity or attributes and meet every term, so many behind others. */
export const deviceWindow = z
  .object({
    text: z.string().max(1000).default(''),
    filter: z.array(filterTerm).max(50).default([]),
    offset: z.number().int().min(0).default(0),
    limit: z.number().int().min(1).max(DEVICE_WINDOW).default(DEVICE_WINDOW),
  })
  .prefault({})
export type DeviceWindow = z.infer<typeof deviceWindow>

/** A tag as devices have it, and how many have it. */
export const tag = z.object({ name: z.string(), value: z.string(), deviceCount: z.number().int() })
export type Tag = z.infer<typeof tag>

/** A key that the server expects of a device that has not asked with it yet. */
export const preauthorization = z.object({
  id,
  authsetId: id,
  name: z.string(),
  identity: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  keyFingerprint: z.string(),
  createdAt: instant,
})
export type Preauthorization = z.infer<typeof preauthorization>

/** So many of what is expected are listed. */
export const PREAUTHORIZED_SHOWN = 1000

export const devices = {
  /** In order of arrival; where there are more than fit in, those that ask to join come first. */
  list: live(deviceWindow, z.array(device)),
  /** How many there are, and how many of them ask to join. */
  count: live(nothing, z.object({ all: z.number().int(), pending: z.number().int() })),
  /** The commonest first, 200 at most. */
  tags: live(nothing, z.array(tag)),
  show: live(z.object({ id }), deviceDetail),
  /** Who was refused, the newest first: also devices that nobody knows. */
  refusals: live(nothing, z.array(refusal)),
  timeline: live(z.object({ id, deploymentId: id.optional() }), timeline),
  /** Its deployments, the newest first. */
  history: live(z.object({ id }), deviceHistory),
  /** How many accepted devices ran which artifact over time. */
  versions: live(versionQuery, versionFigures),
  /** The intervals between the last polls of a device, and of all. */
  polls: live(z.object({ id }), devicePolls),
  fleetPolls: live(fleetPollQuery, fleetPolls),
  setAuthStatus: call(z.object({ id, authsetId: id, status: z.enum(['accepted', 'rejected', 'pending']) }), nothing),
  /** CONFLICT where the identity is known, unless `isForced`: the key is then expected beside those it has. */
  preauthorize: call(
    z.object({ identity: z.record(z.string(), z.string()), publicKeyPem: z.string(), isForced: z.boolean().default(false) }),
    z.object({ id }),
  ),
  /** Of a CSV file: a column public_key, or public_key_file, and the attributes of the identity. `known`: who was there already. */
  preauthorizeList: localCall(z.object({ path }), z.object({ added: z.number().int(), known: z.array(z.string()) })),
  /** What is expected and has not asked yet, the newest first. */
  preauthorized: live(nothing, z.object({ all: z.number().int(), newest: z.array(preauthorization) })),
  /** No longer expects these keys; a device without another key is forgotten. CONFLICT for one that has asked meanwhile. */
  removePreauthorizations: call(
    z.object({
      keys: z
        .array(z.object({ id, authsetId: id }))
        .min(1)
        .max(PREAUTHORIZED_SHOWN),
    }),
    nothing,
  ),
  setGroup: call(z.object({ ids: z.array(id).min(1), group: groupName.nullable() }), nothing),
  rename: call(z.object({ id, name: z.string().max(100) }), nothing),
  decommission: call(z.object({ id }), nothing),
}
