import { z } from 'zod'
import { deviceDeploymentStatus, groupName } from './devices.ts'
import { attemptFigures, downloadFigures } from './figures.ts'
import { deviceFilter } from './filters.ts'
import { ask, call, id, instant, live, nothing } from './operations.ts'

/** `scheduled`: pending, and nobody gets it before its time. */
export const deploymentStatus = z.enum(['scheduled', 'pending', 'inprogress', 'finished'])

/** How many devices a phase lets in, in all with those before it; the last one has the rest. */
export const phaseSize = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('percent'), percent: z.number().int().min(1).max(100) }),
  z.object({ kind: z.literal('devices'), count: z.number().int().min(1) }),
  z.object({ kind: z.literal('rest') }),
])
export type PhaseSize = z.infer<typeof phaseSize>

/** A phase opens at its time; without one when every device that came before has ended. */
export const phase = z.object({ size: phaseSize, startAt: instant.nullable() })
export type Phase = z.infer<typeof phase>

/** How a deployment goes about it. */
export const deploymentPlan = z.object({
  /** How often a device that has failed gets it again. */
  retries: z.number().int().min(0).max(100).default(0),
  /** Nobody gets it earlier. */
  startAt: instant.nullable().default(null),
  phases: z.array(phase).max(50).default([]),
  /** With more failures than this no further device gets it. */
  maxFailures: z.number().int().min(0).nullable().default(null),
  /** A filter admits no more devices than this: those that came first. */
  maxDevices: z.number().int().min(1).nullable().default(null),
})
export type DeploymentPlan = z.infer<typeof deploymentPlan>

/** At once and for everybody, with one try each. */
export const AT_ONCE: DeploymentPlan = deploymentPlan.parse({})

export const deployment = z.object({
  id,
  name: z.string(),
  artifactName: z.string(),
  status: deploymentStatus,
  createdAt: instant,
  finishedAt: instant.nullable(),
  deviceCount: z.number().int(),
  plan: deploymentPlan,
  /** The filter that admits devices, also ones that come later; null for a list that was made when it was ordered. */
  filter: deviceFilter.nullable(),
  /** Whether it still admits devices that come to fit its filter. */
  isOpen: z.boolean(),
  /** Whether its map makes devices wait. */
  isPausing: z.boolean(),
  /** Why it was stopped by its own rule; empty when it was not. */
  stoppedWhy: z.string(),
  /** Devices by status; a status that nobody has is absent. */
  statistics: z.partialRecord(deviceDeploymentStatus, z.number().int()),
})
export type Deployment = z.infer<typeof deployment>

export const deviceDeployment = z.object({
  deviceId: id,
  deviceName: z.string(),
  isVirtual: z.boolean(),
  status: deviceDeploymentStatus,
  /** Tries that have failed so far. */
  failedAttempts: z.number().int(),
  /** Why the device got nothing, or why it failed, in words; empty while there is nothing to say. */
  explanation: z.string(),
  progress: z.object({ doneBytes: z.number(), totalBytes: z.number() }).nullable(),
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  hasLog: z.boolean(),
})
export type DeviceDeployment = z.infer<typeof deviceDeployment>

const controlAction = z.enum(['continue', 'force_continue', 'pause', 'fail'])
/** The points of an update at which a Mender client 3.x looks at the map, before it acts. */
export const updateControlState = z.enum(['ArtifactInstall_Enter', 'ArtifactReboot_Enter', 'ArtifactCommit_Enter'])
export type UpdateControlState = z.infer<typeof updateControlState>

/** What devices do before they install, restart and commit (Mender's update control map). Clients refuse a map with anything else in it. */
export const updateControlMap = z.strictObject({
  priority: z.number().int().min(-10).max(10).default(0),
  states: z.partialRecord(
    updateControlState,
    z.strictObject({
      action: controlAction.default('continue'),
      /** When the server was not heard for twice the poll interval; a device that pauses then fails, unless told otherwise. */
      onMapExpire: z.enum(['continue', 'force_continue', 'fail']).optional(),
      onActionExecuted: controlAction.optional(),
    }),
  ),
})
export type UpdateControlMap = z.infer<typeof updateControlMap>

/** What devices at a pause point are told: `force_continue` overrules a map of their own, `fail` undoes the update. */
export const pauseAnswer = z.enum(['continue', 'force_continue', 'fail'])
export type PauseAnswer = z.infer<typeof pauseAnswer>

/** So many devices of a deployment travel. */
export const DEPLOYMENT_WINDOW = 1000

/** `devices`: by name; of more than fit in, the first to arrive. */
export const deploymentDetail = deployment.extend({ devices: z.array(deviceDeployment), updateControlMap: updateControlMap.nullable() })
export type DeploymentDetail = z.infer<typeof deploymentDetail>

/**
 * Whom a deployment is for: resolved to a list of accepted devices when it is created. A filter, or a group that is one, also admits
 * devices that come to fit it later, until the deployment is aborted.
 */
export const deploymentTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('devices'), ids: z.array(id).min(1) }),
  z.object({ kind: z.literal('group'), group: groupName }),
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('filter'), filter: deviceFilter }),
])
export type DeploymentTarget = z.infer<typeof deploymentTarget>

/** Devices of which the same is to be said: the first of their names, and how many they are. */
export const deploymentPreview = z.array(
  z.object({
    kind: z.enum(['takes', 'has', 'refuses']),
    /** The rule that it breaks, or what is to be known although it breaks none; empty for `has`. */
    why: z.string(),
    deviceCount: z.number().int(),
    deviceNames: z.array(z.string()),
  }),
)
export type DeploymentPreview = z.infer<typeof deploymentPreview>

export const deployments = {
  list: live(nothing, z.array(deployment)),
  show: live(z.object({ id }), deploymentDetail),
  create: call(
    z.object({
      name: z.string().min(1).max(4096),
      artifactName: z.string().min(1),
      target: deploymentTarget,
      isForced: z.boolean().default(false),
      plan: deploymentPlan.prefault({}),
      updateControlMap: updateControlMap.nullable().default(null),
    }),
    z.object({ id }),
  ),
  /** What an order would do on the devices as they are known now, refusals first. BAD_INPUT when nobody is in the target. */
  preview: live(
    z.object({ artifactName: z.string().min(1), target: deploymentTarget, isForced: z.boolean().default(false) }),
    deploymentPreview,
  ),
  abort: call(z.object({ id }), nothing),
  /** Why this device has got nothing of this deployment, or what it is up to, in words. */
  explain: ask(z.object({ id, deviceId: id }), z.object({ text: z.string() })),
  /** Devices hear of it when they next look at the map; null lets all of them go on. */
  setUpdateControlMap: call(z.object({ id, updateControlMap: updateControlMap.nullable() }), nothing),
  /** Answers the devices that wait at a pause point, and those that come to one later. CONFLICT when its map makes nobody wait. */
  answerPause: call(z.object({ id, action: pauseAnswer }), nothing),
  /** How fast it was downloaded: by all together, and by one device or the slowest of them. */
  downloads: live(z.object({ id, deviceId: id.optional(), limit: z.number().int().min(0).max(1000).default(12) }), downloadFigures),
  /** How many devices succeeded at which try, and why the others failed. */
  attempts: live(z.object({ id }), attemptFigures),
  /** The log that a device sent with its failure. */
  log: ask(z.object({ id, deviceId: id }), z.array(z.object({ at: z.string(), level: z.string(), message: z.string() }))),
}
