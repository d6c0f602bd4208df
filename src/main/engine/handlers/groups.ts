import { AppError } from '../../contract/errors.ts'
import type { DeviceFilter } from '../../contract/filters.ts'
import type { Group } from '../../contract/groups.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { removeSavedFilter, saveFilter } from '../server/filter-actions.ts'
import { searchAccepted, searchDevices } from '../server/inventory-search.ts'
import { live } from './live.ts'

export function groupHandlers(os: Operations, { actions, changes, store }: EngineParts) {
  const countOf = async (filter: DeviceFilter): Promise<number> =>
    (await searchDevices({ store }, searchAccepted(filter), { page: 1, perPage: 0, offset: 0 })).total
  const list = async (): Promise<Group[]> => {
    const groups: Group[] = [...store.devices.groups()].map(([name, deviceCount]) => ({ name, filter: null, deviceCount }))
    for (const { name, filter } of store.savedFilters.list()) groups.push({ name, filter, deviceCount: await countOf(filter) })
    return groups
  }
  return {
    list: os.groups.list.handler(live([changes.devices], list)),
    saveFilter: os.groups.saveFilter.handler(({ input }) => void saveFilter(actions, input)),
    removeFilter: os.groups.removeFilter.handler(({ input }) => {
      if (!removeSavedFilter(actions, input.name))
        throw new AppError('NOT_FOUND', `There is no group ${input.name} that is a filter`, 'See the list of groups.')
    }),
  }
}
