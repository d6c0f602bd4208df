import { z } from 'zod'
import type { DeploymentTarget } from '../../contract/deployments.ts'
import { deploymentStatus } from '../../contract/deployments.ts'
import { type DeviceDeploymentStatus, deviceDeploymentStatus } from '../../contract/devices.ts'
import { AppError } from '../../contract/errors.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import type { StoredDeployment } from '../store/deployments.ts'
import type { LogMessage, StoredDeviceDeployment } from '../store/device-deployments.ts'
import { contentJson, oneOrMore } from './wire-artifacts.ts'
import { toTime } from './wire-management.ts'
import { updateControlMapBody, updateControlMapJson } from './wire-update-control.ts'

// Deployments

const constructor = z.object({
  name: z.string().min(1).max(4096),
  artifact_name: z.string().min(1).max(4096),
  force_installation: z.boolean().default(false),
  update_control_map: updateControlMapBody.nullish(),
})
export const groupDeploymentBody = constructor.transform(toOrder)
export const deploymentBody = constructor
  .extend({ devices: z.array(z.string()).nullish(), all_devices: z.boolean().default(false) })
  .transform((body) => ({ ...toOrder(body), target: toTarget(body.devices ?? [], body.all_devices) }))

function toOrder({ name, artifact_name: artifactName, force_installation: isForced, ...rest }: z.output<typeof constructor>) {
  return { name, artifactName, isForced, updateControlMap: rest.update_control_map ?? null }
}

function toTarget(devices: string[], isAll: boolean): DeploymentTarget {
  if (isAll === devices.length > 0)
    throw new AppError('BAD_INPUT', 'A deployment is for the devices of a list, or for all devices', 'Give either devices or all_devices.')
  return isAll ? { kind: 'all' } : { kind: 'devices', ids: [...new Set(devices)] }
}

export const abortBody = z.object({ status: z.literal('aborted') })
export const deploymentIdsBody = z.object({ deployment_ids: z.array(z.string()) }).transform(({ deployment_ids: ids }) => ids)
export const deploymentParams = z
  .object({ deployment_id: z.string(), device_id: z.string().default('') })
  .transform(({ deployment_id: id, device_id: deviceId }) => ({ id, deviceId }))
const seconds = z.coerce.number().optional()
export const deploymentQuery = z
  .object({
    id: oneOrMore.optional(),
    name: oneOrMore.optional(),
    status: deploymentStatus.exclude(['scheduled']).optional(),
    type: z.enum(['software', 'configuration']).optional(),
    search: z.string().optional(),
    sort: z.enum(['asc', 'desc']).default('desc'),
    created_before: seconds,
    created_after: seconds,
  })
  .transform(({ created_before: before, created_after: after, id: ids, name: names, ...rest }) => ({
    ...{ ...rest, ids, names },
    createdBefore: before === undefined ? Number.POSITIVE_INFINITY : before * 1000,
    createdAfter: after === undefined ? Number.NEGATIVE_INFINITY : after * 1000,
  }))
export const deviceDeploymentQuery = z.object({
  status: z.enum([...deviceDeploymentStatus.options, 'pause', 'active', 'finished']).optional(),
})

export function statisticsJson({ statistics }: Pick<StoredDeployment, 'statistics'>): Record<DeviceDeploymentStatus, number> {
  const none = {
    pending: 0,
    downloading: 0,
    installing: 0,
    rebooting: 0,
    success: 0,
    failure: 0,
    noartifact: 0,
    aborted: 0,
    decommissioned: 0,
  }
  return {
    ...none,
    'already-installed': 0,
    pause_before_installing: 0,
    pause_before_rebooting: 0,
    pause_before_committing: 0,
    ...statistics,
  }
}

export const statisticsListJson = (deployment: StoredDeployment) => ({ id: deployment.id, stats: statisticsJson(deployment) })

export function deploymentJson(deployment: StoredDeployment, artifacts: readonly StoredArtifact[]) {
  const { id, name, artifactName, status, group, deviceCount, createdAt, finishedAt, kind, updateControlMap } = deployment
  return {
    ...{ id, name, status },
    artifact_name: artifactName,
    created: toTime(createdAt),
    ...(finishedAt === null ? {} : { finished: toTime(finishedAt) }),
    device_count: deviceCount,
    initial_device_count: deviceCount,
    artifacts: artifacts.map((artifact) => artifact.id),
    groups: group === null ? [] : [group],
    type: kind,
    ...(updateControlMap === null ? {} : { update_control_map: updateControlMapJson(id, updateControlMap) }),
    statistics: { status: statisticsJson(deployment), total_size: artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) },
  }
}

export function deviceDeploymentJson(
  each: StoredDeviceDeployment,
  { deviceType, artifact }: { deviceType: string | null; artifact: StoredArtifact | null },
) {
  const { deviceId, status, substate, createdAt, startedAt, finishedAt, deletedAt, hasLog } = each
  return {
    ...{ id: deviceId, status, log: hasLog },
    created: toTime(createdAt),
    ...(startedAt === null ? {} : { started: toTime(startedAt) }),
    ...(finishedAt === null ? {} : { finished: toTime(finishedAt) }),
    ...(deletedAt === null ? {} : { deleted: toTime(deletedAt) }),
    ...(deviceType === null ? {} : { device_type: deviceType }),
    ...(substate === '' ? {} : { substate }),
    ...(artifact === null ? {} : { image: imageJson(artifact) }),
  }
}

function imageJson({ id, description, content, sizeBytes, updatedAt }: StoredArtifact) {
  return { id, meta: { description }, meta_artifact: contentJson(content), size: sizeBytes, modified: toTime(updatedAt) }
}

/** A device's deployment as both sides of it; `id` is made of both. */
export function deviceDeploymentPairJson(deployment: ReturnType<typeof deploymentJson>, device: ReturnType<typeof deviceDeploymentJson>) {
  return { id: `${deployment.id}/${device.id}`, deployment, device }
}

/** The log as text, a line each. */
export function logText(messages: readonly LogMessage[]): string {
  return messages.map(({ at, level, message }) => `${at} ${level}: ${message}\n`).join('')
}
