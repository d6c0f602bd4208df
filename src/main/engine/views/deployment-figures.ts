import type { AttemptFigures, DeviceRates, DownloadFigures } from '../../contract/figures.ts'
import { attemptFigures } from '../fleet/attempts.ts'
import { averageRate, rateFigures, type Steps } from '../fleet/byte-series.ts'
import { deviceName } from '../fleet/identity.ts'
import type { Store } from '../store/open.ts'

interface Sources {
  store: Store
  rates: {
    of(deploymentId: string, deviceId: string | null): Readonly<Steps> | null
    ofDevices(deploymentId: string): Map<string, Readonly<Steps>>
  }
}

export interface DownloadQuery {
  id: string
  /** This one device alone. */
  deviceId?: string | undefined
  limit: number
}

/** How fast a deployment was downloaded, by all together and by the slowest; null when it is unknown. */
export function downloadFigures({ id, deviceId, limit }: DownloadQuery, { store, rates }: Sources): DownloadFigures | null {
  if (!store.deployments.get(id)) return null
  const total = rates.of(id, null)
  const all = [...rates.ofDevices(id)]
  const wanted = deviceId === undefined ? all : all.filter(([each]) => each === deviceId)
  const devices = wanted
    .map(([each, steps]) => ({ deviceId: each, steps, average: averageRate(steps) }))
    .toSorted((one, other) => one.average - other.average)
    .slice(0, limit)
    .map(({ deviceId: each, steps }) => ({ deviceId: each, ...rateFigures(steps) }))
  return { total: total && rateFigures(total), devices: named(devices, id, store), deviceCount: all.length }
}

function named(devices: readonly Omit<DeviceRates, 'deviceName'>[], deploymentId: string, store: Store): DeviceRates[] {
  const known = new Map(store.devices.byIds(devices.map(({ deviceId }) => deviceId)).map((device) => [device.id, deviceName(device)]))
  return devices.map((each) => ({
    ...each,
    deviceName: known.get(each.deviceId) ?? store.deviceDeployments.get(deploymentId, each.deviceId)?.deviceName ?? each.deviceId,
  }))
}

/** How many devices succeeded at which try, and why the others failed; null when the deployment is unknown. */
export function attemptsOf(id: string, { store }: Pick<Sources, 'store'>): AttemptFigures | null {
  const deployment = store.deployments.get(id)
  if (!deployment) return null
  const { failedAttempts } = store
  return attemptFigures({ retries: deployment.plan.retries, states: failedAttempts.states(id), reasons: failedAttempts.reasons(id) })
}
