import { z } from 'zod'
import { type UpdateControlMap, updateControlMap } from '../../contract/deployments.ts'

// Mender's update control map as JSON. Clients refuse a map that has any other field.

interface StateJson {
  action: string
  on_map_expire?: string
  on_action_executed?: string
}

export function updateControlMapJson(deploymentId: string, { priority, states }: UpdateControlMap) {
  const entries = Object.entries(states).map(([name, { action, onMapExpire, onActionExecuted }]): [string, StateJson] => [
    name,
    {
      action,
      ...(onMapExpire === undefined ? {} : { on_map_expire: onMapExpire }),
      ...(onActionExecuted === undefined ? {} : { on_action_executed: onActionExecuted }),
    },
  ])
  return { id: deploymentId, priority, states: Object.fromEntries(entries) }
}

const stateBody = z
  .strictObject({ action: z.string().optional(), on_map_expire: z.string().optional(), on_action_executed: z.string().optional() })
  .transform(({ action, on_map_expire: onMapExpire, on_action_executed: onActionExecuted }) => ({ action, onMapExpire, onActionExecuted }))

/** A map as the management API takes it; the id, if it has one, is that of the deployment anyway. */
export const updateControlMapBody = z
  .strictObject({ id: z.string().optional(), priority: z.number().optional(), states: z.record(z.string(), stateBody).default({}) })
  .transform(({ priority, states }, context) => {
    const parsed = updateControlMap.safeParse({ priority, states })
    if (parsed.success) return parsed.data
    context.addIssue({ code: 'custom', message: z.prettifyError(parsed.error) })
    return z.NEVER
  })

export const updateControlBody = z
  .object({ update_control_map: updateControlMapBody.nullable() })
  .transform(({ update_control_map: map }) => map)
