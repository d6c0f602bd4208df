import { setImmediate as othersFirst } from 'node:timers/promises'
import type { Ending } from '../store/deployment-ending.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import type { ActionParts } from './actions.ts'

type Parts = Pick<ActionParts, 'store' | 'now'>

/** How many devices are ended before polls get their turn: some milliseconds. */
export const SLICE = 1000

/** Whether so many devices are in a deployment that it is ended slice by slice. */
export const isLarge = (deviceCount: number, slice = SLICE): boolean => deviceCount > slice

/** What a deployment that is being ended does to this device. */
export function concerns({ sparesBegun }: Ending, { status, finishedAt }: StoredDeviceDeployment): boolean {
  return finishedAt === null && (status === 'pending' || !sparesBegun)
}

/**
 * Ends what has been said to end, a slice of devices at a time: polls are answered in between, and a device that reports meanwhile is
 * ended before its turn. A device that had not begun gets no line in its timeline: nothing has happened on it.
 */
export async function endSliceBySlice(parts: Parts, id: string, size = SLICE): Promise<void> {
  const { store, now } = parts
  if (!store.isOpen()) return
  const artifactName = store.deployments.get(id)?.artifactName ?? ''
  let after: number | null = 0
  // What is left when the store closes is done at the next start.
  while (after !== null && store.isOpen()) {
    after = store.transaction(() => {
      const at = now()
      const { begun, next } = store.ending.next(id, { after: after ?? 0, size, at })
      for (const deviceId of begun)
        store.timeline.append({ at, deviceId, deploymentId: id, lane: 'state', level: 'warning', text: `${artifactName}: aborted` })
      if (next === null) store.deployments.close(id, at)
      return next
    })
    await othersFirst()
  }
}
