import { z } from 'zod'
import { groupName } from './devices.ts'
import { deviceFilter } from './filters.ts'
import { call, live, nothing } from './operations.ts'

/** A group that is a list, or one that is a filter: its devices come and go by what they are. */
export const group = z.object({
  name: groupName,
  /** null for a list. */
  filter: deviceFilter.nullable(),
  deviceCount: z.number().int(),
})
export type Group = z.infer<typeof group>

export const groups = {
  list: live(nothing, z.array(group)),
  /** Makes or changes a group that is a filter. CONFLICT when the name is that of a list. */
  saveFilter: call(z.object({ name: groupName, filter: deviceFilter }), nothing),
  removeFilter: call(z.object({ name: groupName }), nothing),
}
