import { z } from 'zod'
import type { StoredConfiguration } from '../store/configurations.ts'
import { toTime } from './wire-management.ts'
import { updateControlMapBody } from './wire-update-control.ts'

// Mender's deviceconfig API.

/** As with Mender: at most 100 entries of at most 4096 characters, text only. */
const text = z.string().max(4096)
export const configurationBody = z
  .record(text.min(1), text)
  .refine((values) => Object.keys(values).length <= 100, 'A configuration may have 100 entries')

export const configurationDeploymentBody = z
  .object({ retries: z.number().int().min(0).optional(), update_control_map: updateControlMapBody.nullish() })
  .nullish()
  .transform((body) => body?.update_control_map ?? null)

export function configurationJson(id: string, { configured, reported, deploymentId, configuredAt, reportedAt }: StoredConfiguration) {
  return {
    ...{ id, configured, reported },
    ...(deploymentId === null ? {} : { deployment_id: deploymentId }),
    ...(reportedAt === null ? {} : { reported_ts: toTime(reportedAt) }),
    updated_ts: toTime(configuredAt ?? reportedAt ?? 0),
  }
}
