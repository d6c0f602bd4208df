import type { DeviceFilter } from '../../contract/filters.ts'
import { AppError } from '../../contract/errors.ts'
import type { SavedFilter } from '../store/saved-filters.ts'
import type { ActionParts } from './actions.ts'

const MAX_FILTERS = 200

/** The saved filter of this id, or NOT_FOUND. */
export function findFilter({ store }: Pick<ActionParts, 'store'>, id: string): SavedFilter {
  const found = store.savedFilters.get(id)
  if (!found) throw new AppError('NOT_FOUND', `There is no filter ${id}`, 'It may have been removed.')
  return found
}

/** Makes a group that is a filter, or changes its terms. CONFLICT when the name is that of a list of devices. */
export function saveFilter({ store, now, newId }: ActionParts, { name, filter }: { name: string; filter: DeviceFilter }): { id: string } {
  return store.transaction(() => {
    if (store.devices.ofGroup(name).length > 0)
      throw new AppError('CONFLICT', `The group ${name} is a list of devices`, 'Choose another name, or take the devices out of it first.')
    const known = store.savedFilters.byName(name)
    if (!known && store.savedFilters.list().length >= MAX_FILTERS)
      throw new AppError('CONFLICT', `There are ${MAX_FILTERS} such groups already`, 'Remove one first.')
    const id = known?.id ?? newId()
    store.savedFilters.set({ id, name, filter, createdAt: now() })
    return { id }
  })
}

/** Answers whether there was one. Deployments that it was used for keep its terms. */
export function removeSavedFilter({ store }: Pick<ActionParts, 'store'>, name: string): boolean {
  return store.savedFilters.remove(name)
}

/** Puts devices into a group, or out of theirs; answers how many are known. CONFLICT for a group that is a filter. */
export function putInGroup({ store }: Pick<ActionParts, 'store'>, ids: readonly string[], group: string | null): number {
  if (group !== null && store.savedFilters.byName(group))
    throw new AppError('CONFLICT', `The group ${group} is a filter`, 'Its devices come and go by what they are; choose another group.')
  return store.devices.setGroup(ids, group)
}
