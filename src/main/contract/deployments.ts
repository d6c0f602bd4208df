import { z } from 'zod'
import { deviceDeploymentStatus, groupName } from './devices.ts'
import { call, id, instant, live, nothing } from './operations.ts'

export const deploymentStatus = z.enum(['pending', 'inprogress', 'finished'])

export const deployment = z.object({
  id,
  name: z.string(),
  artifactName: z.string(),
  status: deploymentStatus,
  createdAt: instant,
  finishedAt: instant.nullable(),
  deviceCount: z.number().int(),
  /** Devices by status; a status that nobody has is absent. */
  statistics: z.partialRecord(deviceDeploymentStatus, z.number().int()),
})
export type Deployment = z.infer<typeof deployment>

export const deviceDeployment = z.object({
  deviceId: id,
  deviceName: z.string(),
  isVirtual: z.boolean(),
  status: deviceDeploymentStatus,
  /** Why the device got nothing, or why it failed, in words; empty while there is nothing to say. */
  explanation: z.string(),
  progress: z.object({ doneBytes: z.number(), totalBytes: z.number() }).nullable(),
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  hasLog: z.boolean(),
})
export type DeviceDeployment = z.infer<typeof deviceDeployment>

export const deploymentDetail = deployment.extend({ devices: z.array(deviceDeployment) })
export type DeploymentDetail = z.infer<typeof deploymentDetail>

/** Whom a deployment is for; resolved to a list of accepted devices when it is created. */
export const deploymentTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('devices'), ids: z.array(id).min(1) }),
  z.object({ kind: z.literal('group'), group: groupName }),
  z.object({ kind: z.literal('all') }),
])
export type DeploymentTarget = z.infer<typeof deploymentTarget>

export const deployments = {
  list: live(nothing, z.array(deployment)),
  show: live(z.object({ id }), deploymentDetail),
  create: call(
    z.object({
      name: z.string().min(1).max(4096),
      artifactName: z.string().min(1),
      target: deploymentTarget,
      isForced: z.boolean().default(false),
    }),
    z.object({ id }),
  ),
  abort: call(z.object({ id }), nothing),
  /** The log that a device sent with its failure. */
  log: call(z.object({ id, deviceId: id }), z.array(z.object({ at: z.string(), level: z.string(), message: z.string() }))),
}
