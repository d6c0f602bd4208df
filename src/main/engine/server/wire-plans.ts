import { z } from 'zod'
import { type DeploymentPlan, type DeploymentTarget, type Phase, deploymentPlan } from '../../contract/deployments.ts'
import { groupName } from '../../contract/devices.ts'
import { deviceFilter } from '../../contract/filters.ts'
import { phaseLimits } from '../fleet/phases.ts'
import type { StoredDeployment } from '../store/deployments.ts'
import type { SavedFilter } from '../store/saved-filters.ts'
import { toTime } from './wire-management.ts'

// What Mender's paid plans call the same things (its API for deployments v2 and filters v2).

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const phaseBody = z
  .object({ batch_size: z.number().int().min(1).max(100).optional(), start_ts: time.optional() })
  .transform(({ batch_size: percent, start_ts: startAt = null }): Phase => ({
    size: percent === undefined ? { kind: 'rest' } : { kind: 'percent', percent },
    startAt,
  }))

/** A deployment for a filter or a list of devices, with a plan. `max_failures` is this server's own. */
export const plannedDeploymentBody = z
  .object({
    name: z.string().min(1).max(4096),
    artifact_name: z.string().min(1).max(4096),
    force_installation: z.boolean().default(false),
    filter_id: z.string().optional(),
    devices: z.array(z.string()).optional(),
    all_devices: z.boolean().default(false),
    retries: deploymentPlan.shape.retries,
    max_devices: z.number().int().min(0).default(0),
    max_failures: z.number().int().min(0).nullable().default(null),
    phases: z.array(phaseBody).max(50).default([]),
  })
  .transform((body) => ({
    ...{ name: body.name, artifactName: body.artifact_name, isForced: body.force_installation },
    filterId: body.filter_id ?? null,
    target: toTarget(body.devices ?? [], body.all_devices),
    plan: toPlan(body),
  }))

/** null when only a filter says whom it is for. */
function toTarget(devices: string[], isAll: boolean): DeploymentTarget | null {
  if (isAll) return { kind: 'all' }
  return devices.length > 0 ? { kind: 'devices', ids: [...new Set(devices)] } : null
}

function toPlan(body: { retries: number; max_devices: number; max_failures: number | null; phases: Phase[] }): DeploymentPlan {
  const { retries, phases, max_devices: maxDevices, max_failures: maxFailures } = body
  // One phase is no phase but a time to start at.
  const [first] = phases
  const startAt = phases.length === 1 ? (first?.startAt ?? null) : null
  return { retries, startAt, phases: phases.length === 1 ? [] : phases, maxFailures, maxDevices: maxDevices || null }
}

/** What v2 says of a deployment beyond v1. */
export function planJson({ id, plan, filter, isOpen, status, deviceCount, group }: StoredDeployment, now: number) {
  const { retries, startAt, phases, maxDevices } = plan
  const isScheduled = status === 'pending' && startAt !== null && startAt > now
  return {
    status: isScheduled ? ('scheduled' as const) : status,
    ...(retries > 0 ? { retries } : {}),
    ...(filter === null ? {} : { dynamic: isOpen, filter: { id, name: group ?? '', terms: filter } }),
    ...(maxDevices === null ? {} : { max_devices: maxDevices }),
    ...phasesJson(id, { startAt, phases, deviceCount }),
  }
}

function phasesJson(id: string, { startAt, phases, deviceCount }: Pick<DeploymentPlan, 'startAt' | 'phases'> & { deviceCount: number }) {
  const all: Phase[] = phases.length > 0 ? phases : startAt === null ? [] : [{ size: { kind: 'rest' }, startAt }]
  if (all.length === 0) return {}
  const limits = phaseLimits(all, deviceCount)
  return {
    phases: all.map(({ size, startAt: at }, index) => ({
      id: `${id}-${index + 1}`,
      ...(size.kind === 'percent' ? { batch_size: size.percent } : {}),
      ...(at === null ? {} : { start_ts: toTime(at) }),
      device_count: (limits[index] ?? 0) - (limits[index - 1] ?? 0),
    })),
  }
}

export const filterBody = z.object({ name: groupName, terms: deviceFilter }).transform(({ name, terms }) => ({ name, filter: terms }))

export const filterJson = ({ id, name, filter }: SavedFilter) => ({ id, name, terms: filter })
