import { setImmediate as othersFirst } from 'node:timers/promises'
import { AT_ONCE } from '../../contract/deployments.ts'
import type { DeviceFilter } from '../../contract/filters.ts'
import type { StoredDeployment } from '../store/deployments.ts'
import type { ActionParts } from './actions.ts'
import {
  type DeploymentOrder,
  createDeployment,
  filterOf,
  noDevice,
  refuseLimitOfList,
  refuseUnknownArtifact,
  repeated,
  sameOrders,
  toNamed,
} from './deployment-actions.ts'
import { acceptedIn } from './inventory-search.ts'

/** How many devices are looked at before polls get their turn: some milliseconds, so that none queues up. Fewer need no slices. */
const SLICE = 1000

/**
 * As createDeployment, for any number of devices: where there are many, they are put in slice by slice, and polls are answered in
 * between. The deployment shows up when the last is in; one that an end of the process interrupts is gone at the next start.
 */
export async function orderDeployment(parts: ActionParts, order: DeploymentOrder, size = SLICE): Promise<{ id: string }> {
  const { store } = parts
  const { target } = order
  const filter = filterOf(parts, order)
  const isLarge = target.kind !== 'devices' && store.devices.areMoreThan(size, target.kind === 'group' && !filter ? target.group : null)
  return isLarge ? store.filling.oneByOne(() => fill(parts, { order, filter, size })) : createDeployment(parts, order)
}

interface Filling {
  order: DeploymentOrder
  filter: DeviceFilter | null
  size: number
}

async function fill(parts: ActionParts, filling: Filling): Promise<{ id: string }> {
  const { store, now } = parts
  const { order, filter, size } = filling
  const id = begin(parts, filling)
  try {
    const { count, isFull, twin } = await putIn(parts, filling, id)
    if (count === 0 && !filter) throw noDevice(order.target)
    if (twin) throw repeated(twin)
    store.filling.finish(id, { isOpen: filter !== null && !isFull, at: now() })
    return { id }
  } catch (thrown) {
    while (!store.filling.takeBack(id, size)) await othersFirst()
    throw thrown
  }
}

/** An empty deployment that nobody sees. */
function begin(parts: ActionParts, { order, filter }: Filling): string {
  const { store, now, newId } = parts
  const { name, artifactName, isForced, target, plan = AT_ONCE, updateControlMap = null } = order
  if (!filter) refuseLimitOfList(order)
  refuseUnknownArtifact(parts, order)
  const id = newId()
  const group = target.kind === 'group' ? target.group : null
  store.deployments.add({ id, name, artifactName, isForced, group, plan, filter, updateControlMap, createdAt: now(), isFilling: true }, [])
  return id
}

/** Puts the devices in; answers how many, and which of the deployments of the same words have all of them. */
async function putIn(
  { store, now }: ActionParts,
  { order, filter, size }: Filling,
  id: string,
): Promise<{ count: number; isFull: boolean; twin: StoredDeployment | null }> {
  const { plan = AT_ONCE, target } = order
  const max = plan.maxDevices ?? Infinity
  const group = target.kind === 'group' ? target.group : null
  const at = now()
  let same = sameOrders({ store }, order)
  let count = 0
  for (let slice = store.filling.nextSlice(0, size); slice && count < max; slice = store.filling.nextSlice(slice.upTo, size)) {
    if (!filter && same.length === 0) {
      count += store.filling.addAccepted(id, slice, { group, at })
      await othersFirst()
      continue
    }
    const fitting = filter ? acceptedIn({ store }, filter, slice).map(toNamed) : store.filling.accepted(slice, group)
    const devices = fitting.slice(0, max - count)
    store.filling.add(id, devices, at)
    count += devices.length
    same = same.filter((other) => store.filling.hasAll(other.id, devices))
    await othersFirst()
  }
  return { count, isFull: count >= max, twin: same.find(({ deviceCount }) => deviceCount === count) ?? null }
}
