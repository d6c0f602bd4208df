import { AppError } from '../../contract/errors.ts'
import type { Group } from '../../contract/groups.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { removeSavedFilter, saveFilter } from '../server/filter-actions.ts'
import { acceptedDevicesOf } from '../server/inventory-search.ts'
import { live } from './live.ts'

export function groupHandlers(os: Operations, { actions, changes, store }: EngineParts) {
  const list = (): Group[] => [
    ...[...store.devices.groups()].map(([name, deviceCount]) => ({ name, filter: null, deviceCount })),
    ...store.savedFilters.list().map(({ name, filter }) => ({ name, filter, deviceCount: acceptedDevicesOf({ store }, filter).length })),
  ]
  return {
    list: os.groups.list.handler(live([changes.devices], list)),
    saveFilter: os.groups.saveFilter.handler(({ input }) => void saveFilter(actions, input)),
    removeFilter: os.groups.removeFilter.handler(({ input }) => {
      if (!removeSavedFilter(actions, input.name))
        throw new AppError('NOT_FOUND', `There is no group ${input.name} that is a filter`, 'See the list of groups.')
    }),
  }
}
