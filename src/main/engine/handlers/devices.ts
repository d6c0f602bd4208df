import type { DeviceWindow } from '../../contract/devices.ts'
import type { FleetPollQuery, VersionQuery } from '../../contract/figures.ts'
import { AppError } from '../../contract/errors.ts'
import { expectDevices } from '../expect-devices.ts'
import { PAUSE_MS } from '../lib/changes.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { decommissionDevice, preauthorizeDevice, setAuthsetStatus } from '../server/device-actions.ts'
import { listPreauthorizations, removePreauthorizations } from '../server/preauthorizations.ts'
import { putInGroup } from '../server/filter-actions.ts'
import { deviceHistory } from '../views/deployment-view.ts'
import { whyOf } from '../views/device-why.ts'
import { listDevices, listRefusals, showDevice } from '../views/device-view.ts'
import { devicePolls, fleetPolls, versionFigures } from '../views/fleet-figures.ts'
import { timelineOf } from '../views/timeline-view.ts'
import { live } from './live.ts'

function unknown(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no device ${id}`, 'It may have been decommissioned.')
}

const MAX_TAGS = 200
/** Devices bump with every poll; tags, and what is expected, change by hand. */
const BY_HAND_PAUSE_MS = 1000
/** What is drawn of all devices changes whenever one is heard; nobody sees it change more often. */
const FLEET_PAUSE_MS = 2000
/** A page takes longer to show cards than the engine takes to read them: of a thousand that change all the time it gets two sights a second. */
const PAUSE_OF_A_CARD_MS = 0.4
const pauseOf = (cards: readonly unknown[]): number => Math.max(PAUSE_MS, cards.length * PAUSE_OF_A_CARD_MS)

export function deviceHandlers(os: Operations, parts: EngineParts) {
  const { actions, boards, sources, changes, store, consoles } = parts
  const seen = [changes.simulated, boards.changes, consoles.printed, changes.settings]
  const cardChanges = [changes.devices, changes.deployments, changes.transfers, changes.connections, ...seen]
  return {
    list: os.devices.list.handler(live(cardChanges, (window: DeviceWindow) => listDevices(window, sources), pauseOf)),
    count: os.devices.count.handler(
      live([changes.devices], () => ({ all: store.devices.count(), pending: store.devices.count('pending') })),
    ),
    tags: os.devices.tags.handler(live([changes.devices], () => store.tags.common(MAX_TAGS), BY_HAND_PAUSE_MS)),
    show: os.devices.show.handler(
      live(cardChanges, ({ id }: { id: string }) => {
        const found = showDevice(id, sources)
        if (!found) throw unknown(id)
        return { ...found, why: whyOf(id, sources) }
      }),
    ),
    refusals: os.devices.refusals.handler(live([changes.devices], () => listRefusals(store.refusals.list(200), sources))),
    timeline: os.devices.timeline.handler(
      live([changes.timeline, changes.deployments, boards.changes, consoles.printed], (input) => timelineOf(input, parts)),
    ),
    history: os.devices.history.handler(
      live([changes.deployments, changes.devices], ({ id }: { id: string }) => {
        if (!store.devices.get(id)) throw unknown(id)
        return deviceHistory(id, sources)
      }),
    ),
    versions: os.devices.versions.handler(live([changes.devices], (query: VersionQuery) => versionFigures(query, sources), FLEET_PAUSE_MS)),
    polls: os.devices.polls.handler(
      live([changes.devices], ({ id }: { id: string }) => {
        const found = devicePolls(id, sources)
        if (!found) throw unknown(id)
        return found
      }),
    ),
    fleetPolls: os.devices.fleetPolls.handler(
      live([changes.devices], (query: FleetPollQuery) => fleetPolls(query, sources), FLEET_PAUSE_MS),
    ),
    setAuthStatus: os.devices.setAuthStatus.handler(({ input }) => setAuthsetStatus(actions, { ...input, deviceId: input.id })),
    preauthorize: os.devices.preauthorize.handler(({ input }) => preauthorizeDevice(actions, input)),
    preauthorizeList: os.devices.preauthorizeList.handler(({ input }) => expectDevices(parts, input.path)),
    preauthorized: os.devices.preauthorized.handler(live([changes.devices], () => listPreauthorizations(parts), BY_HAND_PAUSE_MS)),
    removePreauthorizations: os.devices.removePreauthorizations.handler(({ input }) => removePreauthorizations(actions, input.keys)),
    setGroup: os.devices.setGroup.handler(({ input: { ids, group } }) =>
      // all of them or none
      store.transaction(() => {
        const missing = ids.filter((id) => !store.devices.get(id))
        if (missing.length > 0) throw unknown(missing.join(', '))
        putInGroup(actions, ids, group)
      }),
    ),
    rename: os.devices.rename.handler(({ input }) => {
      if (!store.devices.get(input.id)) throw unknown(input.id)
      store.devices.rename(input.id, input.name)
    }),
    decommission: os.devices.decommission.handler(({ input }) => decommissionDevice(actions, input.id)),
  }
}
